// Text as the wire sees it: trimming, counting and JSON escaping. Pure functions over valid UTF-8
// (the callers have judged it); on other bytes they say nonsense, but stay within bounds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banter::wire {

// The text without the white space around it. White space is what Python's str.isspace() says (29
// code points; not NUL, not U+200B, not U+FEFF), because str.strip() trimmed in the replaced
// system.
[[nodiscard]] std::string_view strip(std::string_view utf8);

[[nodiscard]] std::size_t code_points(std::string_view utf8);

// Append the inside of a JSON string, without the quotes around it.
// ascii: as CPython's json.dumps() does to the byte: \" \\ \n \r \t \b \f, everything else outside
// space..~ (DEL too) as \uXXXX in lower case, surrogate pairs above U+FFFF.
// utf8: as the JSON renderer of Django REST framework does: only control characters below space,
// quotes, backslashes, U+2028 and U+2029 are escaped.
void append_json_ascii(std::string& out, std::string_view utf8);
void append_json_utf8(std::string& out, std::string_view utf8);
// Whether append_json_utf8 surely escapes nothing.
[[nodiscard]] bool json_utf8_is_plain(std::string_view utf8);

// The same as append_json_ascii for those who know their buffer: the bytes it takes, and the
// writing of exactly that many (for any input, valid or not). Returns the place after them.
[[nodiscard]] std::size_t json_ascii_size(std::string_view utf8);
[[nodiscard]] char* put_json_ascii(char* out, std::string_view utf8);

}  // namespace banter::wire
