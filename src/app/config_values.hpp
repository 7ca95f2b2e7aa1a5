// How quantities and choices are spelled in settings: text -> value and back. Pure functions. An
// error says what is expected, as a sentence that goes after "NAME: ".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "app/config_words.hpp"

namespace banter::app {

// A decimal number between the bounds.
[[nodiscard]] Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t min,
                                                 std::uint64_t max);
// Bytes: "65536", "64KiB", "1MiB".
[[nodiscard]] Parsed<std::size_t> parse_bytes(std::string_view text, std::size_t min,
                                              std::size_t max);
// "90s", "15m", "12h", "7d"; a bare number means seconds.
[[nodiscard]] Parsed<std::chrono::seconds> parse_duration(std::string_view text,
                                                          std::chrono::seconds min,
                                                          std::chrono::seconds max);
// "on", "true", "yes", "1" and their opposites.
[[nodiscard]] Parsed<bool> parse_switch(std::string_view text);
// "5/10s", "120/min", "off" (count 0).
[[nodiscard]] Parsed<chat::Rate> parse_rate(std::string_view text);
// "off", or "signup=2/min,login=off,...": scopes that are not named keep their default.
[[nodiscard]] Parsed<Throttles> parse_throttles(std::string_view text);
[[nodiscard]] Parsed<log::Level> parse_log_level(std::string_view text);
[[nodiscard]] Parsed<log::Format> parse_log_format(std::string_view text);

// The inverses: what they give is read back as the same value.
[[nodiscard]] std::string show(const chat::Rate& rate);
[[nodiscard]] std::string show(const Throttles& throttles);
[[nodiscard]] std::string show(std::chrono::seconds duration);
[[nodiscard]] std::string show(log::Level level);
[[nodiscard]] std::string show(log::Format format);
[[nodiscard]] std::string show_bytes(std::size_t bytes);

}  // namespace banter::app
