#pragma once
// The floor's frames: reading {"text": …}, writing a message frame once for all receivers.

#include <cstdint>
#include <string>
#include <string_view>

namespace bound {

// False unless the payload is an object with a string `text`; `text` is overwritten.
[[nodiscard]] bool parse_text(std::string_view payload, std::string& text);

// Replaces `out` with a message as an unmasked text frame.
void build_message_frame(std::string& out, std::uint64_t id, std::string_view user,
                         std::string_view text);

// One unmasked frame of any kind.
[[nodiscard]] std::string frame(std::string_view payload, unsigned opcode = 1);

// Removes a client's mask in place.
void unmask(char* payload, std::size_t length, const unsigned char* key);

}  // namespace bound
