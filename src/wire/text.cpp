#include "wire/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "wire/byte_blocks.hpp"

namespace banter::wire {
namespace {

constexpr std::size_t unicode_escape_bytes = 6;  // \uXXXX

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }
bool continues_code_point(char c) { return (byte_of(c) & 0xC0) == 0x80; }

// The letter of a two-character escape, or 0.
constexpr char short_escape(unsigned byte) {
  switch (byte) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    default:
      return 0;
  }
}

// What a byte adds to pure ASCII output: leads stand for their whole code point, the rest for
// nothing.
constexpr std::size_t ascii_size_of(unsigned byte) {
  if (short_escape(byte) != 0) return 2;
  if (is_plain(byte)) return 1;
  if (byte >= 0x80 && byte < 0xC0) return 0;
  return byte < 0xF0 ? unicode_escape_bytes : 2 * unicode_escape_bytes;
}

constexpr auto ascii_sizes = [] {
  std::array<std::uint8_t, 256> sizes{};
  for (unsigned byte = 0; byte < 256; ++byte)
    sizes[byte] = static_cast<std::uint8_t>(ascii_size_of(byte));
  return sizes;
}();

// E2 begins U+2028 and U+2029 (and much that is harmless).
constexpr std::uint8_t separator_lead = 0xE2;
bool may_need_escape(char c) { return is_special(byte_of(c)) || byte_of(c) == separator_lead; }

// Bit i: append_json_utf8 may have to escape byte i of the next 16.
unsigned candidates_in_block(const char* at) {
  return special_in_block(at) | in_block(at, separator_lead);
}

// Two lower-case hexadecimal digits for each byte.
constexpr auto hex_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte)
    pairs[byte] = {digits[byte >> 4], digits[byte & 0xF]};
  return pairs;
}();

char* put_unicode_escape(char* out, std::uint32_t unit) {
  std::memcpy(out, "\\u", 2);
  std::memcpy(out + 2, hex_pairs[unit >> 8].data(), 2);
  std::memcpy(out + 4, hex_pairs[unit & 0xFF].data(), 2);
  return out + unicode_escape_bytes;
}

// The six bits of the continuation byte at `at`, and on past it; 0 if another byte stands there.
std::uint32_t take_continuation(const char*& at, const char* end) {
  return at != end && continues_code_point(*at) ? byte_of(*at++) & 0x3Fu : 0;
}

// Writes what stands for the code point at `at`, moves `at` past it.
char* put_escaped(char* out, const char*& at, const char* end) {
  const std::uint8_t lead = byte_of(*at++);
  if (lead < 0x80) {
    const char letter = short_escape(lead);
    if (letter == 0) return put_unicode_escape(out, lead);
    *out++ = '\\';
    *out++ = letter;
    return out;
  }
  if (lead < 0xC0) return out;  // never begins a code point
  std::uint32_t code = take_continuation(at, end);
  if (lead < 0xE0) return put_unicode_escape(out, (lead & 0x1Fu) << 6 | code);
  code = code << 6 | take_continuation(at, end);
  if (lead < 0xF0) return put_unicode_escape(out, (lead & 0x0Fu) << 12 | code);
  code = (lead & 0x07u) << 18 | code << 6 | take_continuation(at, end);
  code -= 0x10000;
  out = put_unicode_escape(out, 0xD800 | (code >> 10 & 0x3FF));
  return put_unicode_escape(out, 0xDC00 | (code & 0x3FF));
}

// The first byte that append_json_utf8 may have to escape, or end.
const char* next_candidate(const char* at, const char* end) {
  for (; end - at >= static_cast<std::ptrdiff_t>(block_bytes); at += block_bytes)
    if (const unsigned mask = candidates_in_block(at); mask != 0)
      return at + std::countr_zero(mask);
  return std::find_if(at, end, may_need_escape);
}

// The bytes of the white space character that the text begins with, 0 if it begins with another.
std::size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t lead = byte_of(text[0]);
  if (lead < 0x80) return (lead >= 0x09 && lead <= 0x0D) || (lead >= 0x1C && lead <= 0x20) ? 1 : 0;
  if (text.starts_with("\xC2\x85") || text.starts_with("\xC2\xA0")) return 2;
  if (text.size() < 3) return 0;
  const std::uint32_t three =
      std::uint32_t{lead} << 16 | std::uint32_t{byte_of(text[1])} << 8 | byte_of(text[2]);
  const bool space = three == 0xE19A80 ||                         // U+1680
                     (three >= 0xE28080 && three <= 0xE2808A) ||  // U+2000..200A
                     three == 0xE280A8 || three == 0xE280A9 ||    // U+2028, U+2029
                     three == 0xE280AF || three == 0xE2819F ||    // U+202F, U+205F
                     three == 0xE38080;                           // U+3000
  return space ? 3 : 0;
}

std::size_t trailing_space(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(3, text.size()); ++size) {
    if (leading_space(text.substr(text.size() - size)) == size) return size;
    if (byte_of(text[text.size() - size]) < 0x80) return 0;
  }
  return 0;
}

}  // namespace

std::string_view strip(std::string_view utf8) {
  while (const std::size_t bytes = leading_space(utf8)) utf8.remove_prefix(bytes);
  while (const std::size_t bytes = trailing_space(utf8)) utf8.remove_suffix(bytes);
  return utf8;
}

std::size_t code_points(std::string_view utf8) {
  return utf8.size() -
         static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), continues_code_point));
}

std::size_t json_ascii_size(std::string_view utf8) {
  const auto sum = [](const char* at, std::size_t count) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) bytes += ascii_sizes[byte_of(at[i])];
    return bytes;
  };
  std::size_t bytes = 0;
  const char* at = utf8.data();
  std::size_t left = utf8.size();
  for (; left >= block_bytes; at += block_bytes, left -= block_bytes)
    bytes += not_plain_in_block(at) == 0 ? block_bytes : sum(at, block_bytes);
  return bytes + sum(at, left);
}

char* put_json_ascii(char* out, std::string_view utf8) {
  const char* at = utf8.data();
  const char* const end = at + utf8.size();
  while (at != end) {
    const std::ptrdiff_t left = end - at;
    if (left >= static_cast<std::ptrdiff_t>(block_bytes)) {
      const unsigned mask = not_plain_in_block(at);
      if (mask == 0) {
        out = std::copy_n(at, block_bytes, out);
        at += block_bytes;
        continue;
      }
      const int plain = std::countr_zero(mask);
      out = std::copy_n(at, plain, out);
      at += plain;
    }
    // Text that is not plain seldom comes alone: no new look at a block for each code point.
    while (at != end && !is_plain(byte_of(*at))) out = put_escaped(out, at, end);
    if (end - at < static_cast<std::ptrdiff_t>(block_bytes))
      while (at != end && is_plain(byte_of(*at))) *out++ = *at++;
  }
  return out;
}

void append_json_ascii(std::string& out, std::string_view utf8) {
  const std::size_t bytes = json_ascii_size(utf8);
  const std::size_t before = out.size();
  // libstdc++ 12 passes the capacity where the size belongs, so the second argument is not used.
  out.resize_and_overwrite(before + bytes, [&](char* data, std::size_t) {
    (void)put_json_ascii(data + before, utf8);
    return before + bytes;
  });
}

bool json_utf8_is_plain(std::string_view utf8) {
  const char* const end = utf8.data() + utf8.size();
  return next_candidate(utf8.data(), end) == end;
}

void append_json_utf8(std::string& out, std::string_view utf8) {
  const char* at = utf8.data();
  const char* const end = at + utf8.size();
  while (true) {
    const char* const candidate = next_candidate(at, end);
    out.append(at, candidate);
    if (candidate == end) return;
    at = candidate;
    const std::string_view rest{at, static_cast<std::size_t>(end - at)};
    const bool separator = rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9");
    if (byte_of(*at) >= 0x80 && !separator) {
      out += *at++;
      continue;
    }
    std::array<char, unicode_escape_bytes> escape;
    out.append(escape.data(), put_escaped(escape.data(), at, end));
  }
}

}  // namespace banter::wire
