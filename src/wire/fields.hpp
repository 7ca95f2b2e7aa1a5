// The body of a request as named fields, whether it came as JSON or as a form. Keeps what endpoints
// ask for: the members of the outermost object, and the elements of an array in it; deeper values
// are parsed and forgotten. Pure; the caller has bounded the body (chat/limits.hpp).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/error_table.hpp"

namespace banter::wire {

enum class FieldKind : std::uint8_t {
  missing,
  null,
  boolean,
  integer,
  real,
  text,
  array,
  object,
};

// One JSON value, or its absence.
struct Field {
  FieldKind kind = FieldKind::missing;
  // text: UTF-8, but an escaped lone surrogate such as "\ud800" stands as the three bytes that
  // encode it, which valid UTF-8 never holds. integer and real: as Python's str() writes the
  // number, integers of any length. Else empty.
  std::string text;
  std::vector<Field> elements;  // of an array; arrays and objects among them are empty
};

struct Fields {
  FieldKind kind =
      FieldKind::object;  // of the body itself; the rest holds members of an object only
  std::vector<std::pair<std::string, Field>> members;

  // The last member of that name; kind missing if there is none.
  [[nodiscard]] const Field& operator[](std::string_view name) const;
};

// An empty body is an empty object, whatever its type. content_type: the header, empty if there was
// none. The Answer is a 415 (media type) or a 400 (not JSON, in words close to CPython's, with line
// and column; or too many form fields).
[[nodiscard]] std::expected<Fields, Answer> read_fields(std::string_view content_type,
                                                        std::string_view body);

// A lone surrogate in a Field's text, 0 if there is none.
[[nodiscard]] std::uint32_t lone_surrogate(std::string_view text);

}  // namespace banter::wire
