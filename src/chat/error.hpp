// Words for what can go wrong with a command on a socket. wire/error_table maps them outward.
#pragma once

#include <cstdint>

namespace banter::chat {

enum class ErrorCode : std::uint8_t {
  bad_json,     // not JSON
  bad_message,  // JSON, but not a command
  empty_text,   // nothing but white space, with a client_id
  too_large,    // over the limit of a message
  conflict,     // client_id used before with another body
  forbidden,    // not (or no longer) a member
  overloaded,   // the append queue is full; retry_after says when to come back
  unavailable,  // the store does not answer; outcome unknown, resend with the same client_id
};

}  // namespace banter::chat
