// Record: one line of a history. Values that a RecordParser fills and a Recorder writes. What the
// records mean, for people, is in docs/reliability.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "verify/history/message.hpp"
#include "verify/history/run_records.hpp"
#include "verify/history/socket_records.hpp"

namespace banter::verify {

struct ReadBegun {
  static constexpr std::string_view type = "read";
  CallId call{};
  UserId user{};
  ConversationId conversation{};
  std::string_view node{};
  std::optional<Seq> before{};
  std::optional<Seq> after{};
  std::int64_t limit = 50;
  static void fields(auto& self, auto& field) {
    field("call", self.call);
    field("user", self.user);
    field("conversation", self.conversation);
    field("node", self.node);
    field.maybe("before", self.before);
    field.maybe("after", self.after);
    field.maybe("limit", self.limit, std::int64_t{50});
  }
};

// status 0: no answer.
struct ReadEnded {
  static constexpr std::string_view type = "result";
  CallId call{};
  std::int64_t status = 0;
  std::span<const Message> messages{};
  std::optional<Seq> head{};
  std::string_view epoch{};
  static void fields(auto& self, auto& field) {
    field("call", self.call);
    field("status", self.status);
    field.maybe("messages", self.messages);
    field.maybe("head", self.head);
    field.maybe("epoch", self.epoch);
  }
};

// A page of the complete read of a conversation from a node, after everything else has ended.
struct FinalPage {
  static constexpr std::string_view type = "final";
  ConversationId conversation{};
  std::string_view node{};
  std::string_view epoch{};
  Seq head{};
  std::span<const Message> messages{};
  bool more = false;
  static void fields(auto& self, auto& field) {
    field("conversation", self.conversation);
    field("node", self.node);
    field("epoch", self.epoch);
    field("head", self.head);
    field("messages", self.messages);
    field("more", self.more);
  }
};

// The frequent ones first: they are found soonest.
using Record = std::variant<LiveMessage, Send, Ack, HistoryFrame, ErrorFrame, Connect, Closed,
                            Refused, ReadBegun, ReadEnded, FinalPage, Sample, ChangeBegun,
                            ChangeEnded, UserMade, ConversationMade, FaultBegun, FaultEnded,
                            LoadBegun, LoadEnded, OutageBegun, OutageEnded, Run, End>;

}  // namespace banter::verify
