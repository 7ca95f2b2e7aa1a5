// What a client says on its socket, from the text of a frame. The frames of the replaced system
// mean what they meant there; where it dropped the connection there is an error for the client to
// read. Pure functions.
//
// frame   = object with "text" and perhaps "client_id" (other members are ignored)
//         | something empty: null, false, 0, "", [], {} (ignored)
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "chat/error.hpp"
#include "chat/limits.hpp"

namespace banter::wire {

struct Command {
  enum Kind : std::uint8_t {
    ignored,  // asks for nothing and gets no answer, as in the replaced system
    post,
  };
  Kind kind = ignored;
  std::string text{};       // trimmed, not empty, valid UTF-8
  std::string client_id{};  // empty: none
};

struct CommandError {
  chat::ErrorCode code =
      chat::ErrorCode::bad_message;  // bad_json, bad_message, empty_text, too_large
  std::string detail{};              // for the client's developer: what to do
  std::string client_id{};           // of the frame, as far as it could be read
};

// Reads the text of a frame (valid UTF-8: ws/codec has judged it).
// text_bytes_max bounds the trimmed text, in bytes of UTF-8.
[[nodiscard]] std::expected<Command, CommandError> parse_command(
    std::string_view utf8_json, std::size_t text_bytes_max = chat::text_bytes_max);

}  // namespace banter::wire
