// What CPython's json module says of a text that is no JSON: clients of the Django chat server have
// seen these sentences. Only for texts that were refused already. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banter::wire {

// Valid UTF-8. "Expecting ',' delimiter: line 1 column 4 (char 3)", which is where it stops
// reading; NaN and Infinity, which it would take, are refused as Django REST framework refuses
// them. nullopt: it has nothing to say, or too much is nested (json_depth_max).
[[nodiscard]] std::optional<std::string> json_complaint(std::string_view text);

// "line 2 column 8 (char 9)": where `offset` bytes end, counted in code points.
[[nodiscard]] std::string json_place(std::string_view text, std::size_t offset);

}  // namespace banter::wire
