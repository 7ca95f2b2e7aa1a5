// Base64 with the URL alphabet and no padding (RFC 4648 section 5), as tokens use it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banter::auth {

[[nodiscard]] constexpr std::size_t base64url_size(std::size_t bytes) {
  return (bytes * 4 + 2) / 3;
}
[[nodiscard]] constexpr std::size_t base64url_decoded_size(std::size_t characters) {
  return characters * 3 / 4;
}

// Writes base64url_size(bytes.size()) characters; out has that much room.
void base64url_encode(std::string_view bytes, char* out);
void append_base64url(std::string& out, std::string_view bytes);

// Decodes into `out`, which has room for base64url_decoded_size(); returns what was written.
// nullopt: a foreign character, padding, an impossible length, or unused bits that are not zero.
[[nodiscard]] std::optional<std::string_view> base64url_decode(std::string_view text,
                                                               std::span<char> out);

}  // namespace banter::auth
