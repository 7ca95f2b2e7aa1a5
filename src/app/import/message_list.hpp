// The replaced system's list of a conversation's messages, made into a log. Pure.
//
//   entry = {"id": 1, "user_id": 2, "text": "hi", "ts": 1795333971}     one item of the list
// Entries and their counter are not written together there: ids may be out of order, have holes,
// start after 1, or be gone while the counter stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.hpp"

namespace banter::app {

// Text of one message. The replaced system took what its WebSocket took: 1 MiB.
inline constexpr std::size_t imported_text_bytes_max = 1024 * 1024;
// Numbers of one conversation whose messages are gone: each becomes an event of the log.
inline constexpr std::int64_t imported_holes_max = 1'000'000;

struct ListedMessage {
  Seq id;
  UserId author;
  Micros at;
  std::string text;
};

// The error says in a few words, and without the text, what is wrong with it.
[[nodiscard]] std::expected<ListedMessage, std::string> parse_listed_message(
    std::string_view entry);

struct PlannedLog {
  // Without a hole, behind `head`; where there is no message, an event of kind `lost`.
  std::vector<chat::Event> events;
  Seq next;                  // a log without any event begins here
  std::size_t holes = 0;     // events that are `lost`
  std::size_t repeated = 0;  // messages left out, because the list had their number already
};

// head: the last number that the target holds; nullopt: it does not have the conversation, and its
// log begins with the lowest number found. counter: the last number given out, 0 if not known.
// Numbering goes on behind the larger of counter and last id. The error says why it can't be done.
[[nodiscard]] std::expected<PlannedLog, std::string> plan_log(ConversationId conversation,
                                                              std::vector<ListedMessage> messages,
                                                              std::int64_t counter,
                                                              std::optional<Seq> head);

}  // namespace banter::app
