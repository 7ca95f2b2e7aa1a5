#include "wire/json_scan.hpp"

#include <bit>

#include "base/assert.hpp"
#include "wire/byte_blocks.hpp"

namespace banter::wire {
namespace {

// What may follow a backslash besides u, and what it means.
constexpr std::string_view escape_letters = "\"\\/bfnrt";
constexpr std::string_view letter_meanings = "\"\\/\b\f\n\r\t";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

using Place = const char*;  // in the text; none: it is not JSON
constexpr Place none = nullptr;

// Every step takes the place where it begins and returns the place behind what it read, so that the
// place stays in a register: as a member it would be stored and loaded again for each byte.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t depth_max, std::span<JsonMember> wanted)
      : begin_(text.data()), end_(begin_ + text.size()), depth_left_(depth_max), wanted_(wanted) {}

  [[nodiscard]] bool document(JsonValue& top) {
    const Place at = value(space(begin_), top, true);
    return at != none && space(at) == end_;
  }

 private:
  [[nodiscard]] Place space(Place at) const {
    while (at != end_ && is_space(*at)) ++at;
    return at;
  }

  [[nodiscard]] bool is(Place at, char wanted) const { return at != end_ && *at == wanted; }

  [[nodiscard]] Place word(Place at, std::string_view wanted) const {
    return std::string_view{at, end_}.starts_with(wanted) ? at + wanted.size() : none;
  }

  // At the first character of a value, or the end.
  [[nodiscard]] Place value(Place at, JsonValue& out, bool top = false) {
    if (at == end_) return none;
    Place after = none;
    switch (*at) {
      case '"':
        return string(at, out);
      case '{':
        out.kind = JsonKind::object;
        after = object(at, top);
        break;
      case '[':
        out.kind = JsonKind::array;
        after = array(at);
        break;
      case 'n':
        out.kind = JsonKind::null;
        after = word(at, "null");
        break;
      case 't':
      case 'f':
        out.kind = JsonKind::boolean;
        after = word(at, *at == 't' ? "true" : "false");
        break;
      default:
        out.kind = JsonKind::number;
        after = number(at);
    }
    if (after != none) out.raw = {at, after};
    return after;
  }

  // Recursion ends at depth_max.
  [[nodiscard]] Place object(Place at, bool top) {
    if (depth_left_ == 0) return none;
    --depth_left_;
    at = space(at + 1);
    if (!is(at, '}')) {
      while (true) {
        JsonValue key;
        if (!is(at, '"') || (at = string(at, key)) == none) return none;
        if (at = space(at); !is(at, ':')) return none;
        JsonValue member;
        if ((at = value(space(at + 1), member)) == none) return none;
        if (top) keep(key, member);
        at = space(at);
        if (!is(at, ',')) break;
        at = space(at + 1);
      }
      if (!is(at, '}')) return none;
    }
    ++depth_left_;
    return at + 1;
  }

  [[nodiscard]] Place array(Place at) {
    if (depth_left_ == 0) return none;
    --depth_left_;
    at = space(at + 1);
    if (!is(at, ']')) {
      while (true) {
        JsonValue element;
        if ((at = value(at, element)) == none) return none;
        at = space(at);
        if (!is(at, ',')) break;
        at = space(at + 1);
      }
      if (!is(at, ']')) return none;
    }
    ++depth_left_;
    return at + 1;
  }

  void keep(const JsonValue& key, const JsonValue& member) {
    for (auto& wanted : wanted_)
      if (key.escaped ? unescape(key) == wanted.name : key.raw == wanted.name)
        wanted.value = member;
  }

  [[nodiscard]] Place digits(Place at) const {
    const Place begin = at;
    while (at != end_ && is_digit(*at)) ++at;
    return at != begin ? at : none;
  }

  [[nodiscard]] Place number(Place at) const {
    if (is(at, '-')) ++at;
    at = is(at, '0') ? at + 1 : digits(at);
    if (at != none && is(at, '.')) at = digits(at + 1);
    if (at == none || !(is(at, 'e') || is(at, 'E'))) return at;
    ++at;
    if (is(at, '+') || is(at, '-')) ++at;
    return digits(at);
  }

  // The next byte that ends a run of plain characters in a string.
  [[nodiscard]] Place run_end(Place at) const {
    for (; end_ - at >= static_cast<std::ptrdiff_t>(block_bytes); at += block_bytes)
      if (const unsigned marks = special_in_block(at); marks != 0)
        return at + std::countr_zero(marks);
    while (at != end_ && !is_special(static_cast<unsigned char>(*at))) ++at;
    return at;
  }

  // At the opening quote.
  [[nodiscard]] Place string(Place at, JsonValue& out) const {
    const Place begin = at + 1;
    at = run_end(begin);
    while (is(at, '\\')) {
      out.escaped = true;
      if ((at = escape(at + 1, out)) == none) return none;
      at = run_end(at);
    }
    if (!is(at, '"')) return none;
    out.kind = JsonKind::string;
    out.raw = {begin, at};
    return at + 1;
  }

  // Behind the backslash.
  [[nodiscard]] Place escape(Place at, JsonValue& out) const {
    if (at == end_) return none;
    if (*at != 'u') return escape_letters.contains(*at) ? at + 1 : none;
    std::uint32_t unit = 0;
    if ((at = hex4(at + 1, unit)) == none) return none;
    if (is_high_surrogate(unit)) {
      std::uint32_t second = 0;
      Place after = word(at, "\\u");
      if (after != none) after = hex4(after, second);
      if (after != none && is_low_surrogate(second)) return after;
    }
    // What stands behind half a pair is judged for itself.
    if (is_high_surrogate(unit) || is_low_surrogate(unit)) out.lone_surrogate = true;
    return at;
  }

  [[nodiscard]] Place hex4(Place at, std::uint32_t& unit) const {
    if (end_ - at < 4) return none;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_value(*at++);
      if (digit < 0) return none;
      unit = unit << 4 | static_cast<std::uint32_t>(digit);
    }
    return at;
  }

  Place begin_;
  Place end_;
  std::size_t depth_left_;
  std::span<JsonMember> wanted_;
};

std::uint32_t unit_at(std::string_view raw, std::size_t at) {
  std::uint32_t unit = 0;
  for (std::size_t i = 0; i < 4; ++i)
    unit = unit << 4 | static_cast<std::uint32_t>(hex_value(raw[at + i]));
  return unit;
}

// Appends what the \uXXXX (or two of them) at `at` stand for; returns the place behind.
std::size_t append_unit(std::string& out, std::string_view raw, std::size_t at) {
  constexpr std::uint32_t replacement = 0xFFFD;
  constexpr std::size_t escape_bytes = 6;
  const std::uint32_t unit = unit_at(raw, at + 2);
  at += escape_bytes;
  if (is_high_surrogate(unit) && raw.substr(at).starts_with("\\u")) {
    const std::uint32_t second = unit_at(raw, at + 2);
    if (is_low_surrogate(second)) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
      return at + escape_bytes;
    }
  }
  append_utf8(out, is_high_surrogate(unit) || is_low_surrogate(unit) ? replacement : unit);
  return at;
}

char unescaped(char letter) { return letter_meanings[escape_letters.find(letter)]; }

}  // namespace

std::optional<JsonValue> scan_json(std::string_view text, std::size_t depth_max,
                                   std::span<JsonMember> wanted) {
  JsonValue top;
  if (!Scanner{text, depth_max, wanted}.document(top)) return std::nullopt;
  return top;
}

bool is_truthy(const JsonValue& value) {
  switch (value.kind) {
    case JsonKind::absent:
    case JsonKind::null:
      return false;
    case JsonKind::boolean:
      return value.raw == "true";
    case JsonKind::number:
      return value.raw.substr(0, value.raw.find_first_of("eE")).find_first_of("123456789") !=
             std::string_view::npos;
    case JsonKind::string:
      return !value.raw.empty();
    case JsonKind::array:
    case JsonKind::object:
      return value.raw.find_first_not_of(" \n\r\t", 1) != value.raw.size() - 1;
  }
  return false;
}

std::string unescape(const JsonValue& string) {
  ASSERT(string.kind == JsonKind::string, "only strings have escapes");
  const std::string_view raw = string.raw;
  std::string out;
  out.reserve(raw.size());  // no escape is shorter than what it stands for
  std::size_t at = 0;
  while (true) {
    const std::size_t backslash = raw.find('\\', at);
    out.append(raw.substr(at, backslash - at));
    if (backslash == std::string_view::npos) return out;
    if (raw[backslash + 1] == 'u') {
      at = append_unit(out, raw, backslash);
    } else {
      out += unescaped(raw[backslash + 1]);
      at = backslash + 2;
    }
  }
}

}  // namespace banter::wire
