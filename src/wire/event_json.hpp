// Domain values as JSON text. On the socket as the replaced system spelled it, to the byte: a space
// after ':' and ',', pure ASCII. In HTTP bodies compact UTF-8. Pure functions that append to a
// buffer of the caller; ts is whole Unix seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chat/event.hpp"

namespace banter::wire {

// The members that a history frame has beyond its messages, for a client that resumes.
struct HistoryExtent {
  Seq from;  // first and last seq that the frame covers
  Seq to;
  Seq head;           // last seq of the log when it was read
  bool more = false;  // another frame follows before the live stream
  std::string_view epoch;
  bool reset = false;  // what the client had is void; it begins anew with this frame
};

// {"id": 1, "user_id": 1, "text": "hello", "ts": 1795333971}, and how many bytes that takes.
void append_message(std::string& out, const chat::Event& event);
[[nodiscard]] std::size_t message_size(const chat::Event& event);

// The texts of whole frames, without the WebSocket header. Of events that are no messages a history
// only covers the seqs.
void append_live(std::string& out, const chat::Event& event);
void append_history(std::string& out, std::span<const chat::Event> events,
                    const std::optional<HistoryExtent>& extent);
void append_ack(std::string& out, std::string_view client_id, Seq id, Micros at,
                std::string_view epoch);
// client_id: that of the refused send, empty if it had none. retry_after is written in whole
// seconds.
void append_rate_limited(std::string& out, std::chrono::seconds retry_after,
                         std::string_view client_id);
// code: the word that wire/error_table has for the error.
void append_error(std::string& out, std::string_view code, std::string_view detail,
                  std::string_view client_id, std::optional<std::chrono::seconds> retry_after);

// The live frame as it goes to every member: WebSocket header and text, encoded once in one pass.
[[nodiscard]] std::string encode_live_frame(const chat::Event& event);

// The form of a message in HTTP bodies: {"id":1,"user_id":1,"text":"hello","ts":1795333971}.
void append_message_compact(std::string& out, const chat::Event& event);

}  // namespace banter::wire
