// What a conversation is made of: an append-only log of events, numbered without a hole. Values
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace banter::chat {

// Stored as this number: values are never reused. Kinds a client does not know are skipped on its
// socket but counted.
enum class EventKind : std::uint8_t {
  message = 1,
  lost = 2,  // of an imported log: a number that was given out, and its message is gone; no payload
};

struct Event {
  ConversationId conversation;
  Seq seq;
  UserId author;
  EventKind kind = EventKind::message;
  std::string payload;    // message: the trimmed text, valid UTF-8, NUL allowed
  std::string client_id;  // empty: the send had none
  Micros at;
};

// Whether people read it; other events only take their place in the log.
[[nodiscard]] inline bool is_message(const Event& event) {
  return event.kind == EventKind::message;
}

// An event on its way into the store: no seq and no time yet.
struct PendingEvent {
  ConversationId conversation;
  UserId author;
  EventKind kind = EventKind::message;
  std::string payload;
  std::string client_id;
};

// What is given events one by one, where they lie: an event is gone when the call returns.
using TakeEvent = std::function<void(const Event&)>;

enum class AppendStatus : std::uint8_t {
  stored,     // now in the log at seq
  duplicate,  // was already there, with the same body: seq and at are those of the first time
  conflict,   // the client_id was used before with another body; nothing stored
  forbidden,  // the author is not a member, or the conversation does not exist; nothing stored
  unknown,    // the store did not answer in time; stored or not, only a client_id can tell
};

struct AppendResult {
  AppendStatus status = AppendStatus::forbidden;
  Seq seq;
  Micros at;
};

// A stretch of a conversation's log, oldest first, without a hole, and where the log ended when it
// was read. events may be empty.
struct Stretch {
  std::vector<Event> events;
  Seq first;  // first_seq of the log: 1 unless imported
  Seq head;   // last stored seq, Seq{first - 1} while the log is empty
};

}  // namespace banter::chat
