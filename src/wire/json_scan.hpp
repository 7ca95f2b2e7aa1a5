// A strict reader of one JSON text (RFC 8259) that judges all of it and keeps only the members it
// is asked for: no tree, no heap. For command frames, where two members count and the rest is
// ignored whatever its value: numbers of any size and halves of surrogate pairs are JSON, though no
// double and no UTF-8 could hold them, which is why Boost.JSON does not do here. Pure functions;
// views point into the text, which is valid UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banter::wire {

enum class JsonKind : std::uint8_t { absent, null, boolean, number, string, array, object };

struct JsonValue {
  JsonKind kind = JsonKind::absent;
  bool escaped = false;         // a string with escapes: unescape() says what it means
  bool lone_surrogate = false;  // a string with half of a surrogate pair: no UTF-8 can hold it
  std::string_view raw{};       // as written; of a string what stands between the quotes
};

struct JsonMember {
  std::string_view name;
  JsonValue value{};
};

// Reads the text; nullopt if it is not JSON or nested deeper than depth_max. Fills in the values of
// the wanted members if it is an object: the last one of each name counts, others are skipped.
[[nodiscard]] std::optional<JsonValue> scan_json(std::string_view text, std::size_t depth_max,
                                                 std::span<JsonMember> wanted);

// What Python's bool() says of the value, but that a number counts as zero only by its digits.
[[nodiscard]] bool is_truthy(const JsonValue& value);

// The text that a string stands for, in UTF-8. Halves of surrogate pairs become U+FFFD.
[[nodiscard]] std::string unescape(const JsonValue& string);

}  // namespace banter::wire
