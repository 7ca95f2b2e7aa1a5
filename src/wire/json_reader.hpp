// JSON text -> Fields. Boost.JSON does the grammar (it is stricter than CPython: no NaN, no
// Infinity); what it refuses and CPython takes, lone surrogate escapes, is marked before it looks.
// Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "wire/fields.hpp"

namespace banter::wire {

// Open brackets; CPython gives up near 1,000.
inline constexpr std::size_t json_depth_max = 500;

// Any bytes. The error is CPython's sentence: "Extra data: line 1 column 9 (char 8)".
[[nodiscard]] std::expected<Fields, std::string> read_json(std::string_view bytes);

}  // namespace banter::wire
