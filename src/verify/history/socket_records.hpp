// Records of sockets: what was sent through them and what came. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "verify/history/message.hpp"

namespace banter::verify {

// What a socket is there for. Spies are not members; slow and flood are the rude neighbours beside
// whom others are measured.
enum class SocketKind : std::uint8_t { member, spy, slow, flood };

struct Since {
  bool asked = false;
  bool latest = false;
  Seq seq{};
  bool operator==(const Since&) const = default;
};

struct Connect {
  static constexpr std::string_view type = "connect";
  SocketId socket{};
  ClientId client{};
  UserId user{};
  ConversationId conversation{};
  std::string_view node{};
  SocketKind kind = SocketKind::member;
  Since since{};
  std::string_view epoch{};
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field("client", self.client);
    field("user", self.user);
    field("conversation", self.conversation);
    field("node", self.node);
    field.maybe("kind", self.kind);
    field.maybe("since", self.since);
    field.maybe("epoch", self.epoch);
  }
};

// Refused before the handshake; status 0: no answer at all.
struct Refused {
  static constexpr std::string_view type = "refused";
  SocketId socket{};
  std::int64_t status = 0;
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field("status", self.status);
  }
};

struct Extent {
  Seq from{};
  Seq to{};
  Seq head{};
  bool more = false;
  std::string_view epoch{};
  bool reset = false;
  static void fields(auto& self, auto& field) {
    field("from", self.from);
    field("to", self.to);
    field("head", self.head);
    field("more", self.more);
    field("epoch", self.epoch);
    field("reset", self.reset);
  }
};

struct HistoryFrame {
  static constexpr std::string_view type = "history";
  SocketId socket{};
  std::span<const Message> messages{};
  std::optional<Extent> extent{};
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field("messages", self.messages);
    field.maybe("extent", self.extent);
  }
};

struct LiveMessage {
  static constexpr std::string_view type = "message";
  SocketId socket{};
  Message message{};
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    Message::fields(self.message, field);
  }
};

struct Send {
  static constexpr std::string_view type = "send";
  SocketId socket{};
  std::string_view client_id{};  // empty: none
  Body body{};
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field.maybe("client_id", self.client_id);
    field.body(self.body);
  }
};

struct Ack {
  static constexpr std::string_view type = "ack";
  SocketId socket{};
  std::string_view client_id{};
  Seq seq{};
  std::int64_t ts = 0;
  std::string_view epoch{};
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field("client_id", self.client_id);
    field("seq", self.seq);
    field("ts", self.ts);
    field("epoch", self.epoch);
  }
};

// An error frame, or `rate_limited`.
struct ErrorFrame {
  static constexpr std::string_view type = "error";
  SocketId socket{};
  std::string_view code{};
  std::string_view client_id{};  // empty: none
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field("code", self.code);
    field.maybe("client_id", self.client_id);
  }
};

enum class ClosedBy : std::uint8_t { server, client, network };

struct Closed {
  static constexpr std::string_view type = "close";
  SocketId socket{};
  std::int64_t code = 0;  // 0: without a close frame
  ClosedBy by = ClosedBy::server;
  static void fields(auto& self, auto& field) {
    field("socket", self.socket);
    field("code", self.code);
    field("by", self.by);
  }
};

}  // namespace banter::verify
