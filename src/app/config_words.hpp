// Words: the small text functions that reading settings takes. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace banter::app {

// A value, or a sentence that says what is expected and goes after "NAME: ".
template <class T>
using Parsed = std::expected<T, std::string>;

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lower_ascii(std::string_view text);
[[nodiscard]] std::string upper_ascii(std::string_view text);
// Separated by commas, white space around an entry dropped, empty entries left out.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);
[[nodiscard]] std::string joined(const std::vector<std::string>& list);
// For messages: shortened, control characters replaced, in single quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);
// The candidate that is nearest in spelling, empty when none is near.
[[nodiscard]] std::string nearest(std::string_view name,
                                  const std::vector<std::string>& candidates);

}  // namespace banter::app
