// application/x-www-form-urlencoded: bodies and query strings, and the integers that stand in them
// and in paths. Pure functions over bytes that nobody has judged yet; every result is valid UTF-8.
//
//   form  = [ field *( "&" field ) ]      empty fields are skipped
//   field = name [ "=" value ]            "+" is a space, %XX a byte; other % stand for themselves
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"

namespace banter::wire {

// Django's DATA_UPLOAD_MAX_NUMBER_FIELDS; empty fields count.
inline constexpr std::size_t form_fields_max = 1'000;

enum class FormError : std::uint8_t { too_many_fields };

class Form {
 public:
  // Bytes that are not UTF-8 once decoded become U+FFFD.
  [[nodiscard]] static std::expected<Form, FormError> parse(std::string_view text);

  // Of a repeated field the first or the last; nullopt: it is not there ("" if it has no value).
  [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> last(std::string_view name) const;

  // In the order they came.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Undoes percent-encoding, once; "+" is a space only in forms. May yield any bytes.
[[nodiscard]] std::string percent_decoded(std::string_view text, bool plus_is_space);

// Python's int() of ASCII digits: white space around and one sign are fine, values beyond 64 bits
// are clamped. nullopt: anything else, "1_0", digits of other scripts and more than 4,300 digits
// (CPython's limit) included.
[[nodiscard]] std::optional<std::int64_t> integer(std::string_view utf8);

// A number in a path: ASCII digits and nothing else, leading zeros are fine, clamped to 64 bits.
[[nodiscard]] std::optional<ConversationId> path_id(std::string_view text);

}  // namespace banter::wire
