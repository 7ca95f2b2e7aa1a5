#pragma once
// What a protocol on top of WebSocket looks like to the generator: how a message is wrapped, and
// what a frame from the server means. A new protocol is one more Adapter.

#include <memory>
#include <string>
#include <string_view>

#include "options.hpp"

namespace wsload {

enum class Reaction { ignore, ready, reply, delivery, ack };

class Adapter {
 public:
  virtual ~Adapter() = default;
  // The text of a message goes between prefix and suffix.
  [[nodiscard]] virtual std::string_view prefix() const { return ""; }
  [[nodiscard]] virtual std::string_view suffix() const { return ""; }
  [[nodiscard]] virtual bool ready_on_upgrade() const { return false; }
  // Looks at one text message from the server; may fill reply.
  virtual Reaction on_message(std::string_view message, bool ready, std::string& reply) const = 0;
};

class RawAdapter : public Adapter {
 public:
  [[nodiscard]] bool ready_on_upgrade() const override { return true; }
  Reaction on_message(std::string_view, bool, std::string&) const override {
    return Reaction::delivery;
  }
};

class BanterAdapter : public Adapter {
 public:
  [[nodiscard]] std::string_view prefix() const override { return R"({"text":")"; }
  [[nodiscard]] std::string_view suffix() const override { return R"("})"; }
  Reaction on_message(std::string_view message, bool ready, std::string&) const override {
    if (!ready) {
      const bool history = message.substr(0, 200).find("\"history\"") != std::string_view::npos;
      return history ? Reaction::ready : Reaction::ignore;
    }
    // `"type"` comes first in every frame; the floor writes it without the space.
    const std::string_view start = message.substr(0, 24);
    if (start.find("\"message\"") != std::string_view::npos) return Reaction::delivery;
    return start.find("\"ack\"") != std::string_view::npos ? Reaction::ack : Reaction::ignore;
  }
};

// Engine.IO 4 / Socket.IO 5 over the WebSocket transport, default namespace.
class SocketIoAdapter : public Adapter {
 public:
  [[nodiscard]] std::string_view prefix() const override { return R"(42["message",{"text":")"; }
  [[nodiscard]] std::string_view suffix() const override { return R"("}])"; }
  Reaction on_message(std::string_view message, bool, std::string& reply) const override {
    if (message.starts_with("42")) return Reaction::delivery;
    if (message.starts_with("40")) return Reaction::ready;
    if (message.starts_with("0")) reply = "40";
    if (message.starts_with("2")) reply = "3" + std::string(message.substr(1));
    return reply.empty() ? Reaction::ignore : Reaction::reply;
  }
};

[[nodiscard]] inline std::unique_ptr<Adapter> make_adapter(Protocol protocol) {
  switch (protocol) {
    case Protocol::raw:
      return std::make_unique<RawAdapter>();
    case Protocol::socketio:
      return std::make_unique<SocketIoAdapter>();
    case Protocol::banter:
      break;
  }
  return std::make_unique<BanterAdapter>();
}

}  // namespace wsload
