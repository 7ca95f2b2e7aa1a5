#include "app/config_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "app/config_words.hpp"

namespace banter::app {
namespace {

using std::unexpected;

// Only digits, no sign, no overflow.
std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array byte_units{
    Unit{"", 1},       Unit{"b", 1},           Unit{"k", 1024},
    Unit{"kib", 1024}, Unit{"m", 1024 * 1024}, Unit{"mib", 1024 * 1024}};
constexpr std::array time_units{Unit{"", 1},        Unit{"s", 1},       Unit{"sec", 1},
                                Unit{"second", 1},  Unit{"m", 60},      Unit{"min", 60},
                                Unit{"minute", 60}, Unit{"h", 3'600},   Unit{"hour", 3'600},
                                Unit{"d", 86'400},  Unit{"day", 86'400}};

// A number with a unit, in the smallest unit; nullopt: not that, or too large.
std::optional<std::uint64_t> measured(std::string_view text, std::span<const Unit> units,
                                      bool number_needed = true) {
  const auto split = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = lower_ascii(trimmed(text.substr(split)));
  const auto found = std::ranges::find(units, unit, &Unit::name);
  if (found == units.end()) return std::nullopt;
  if (split == 0 && !number_needed && !unit.empty()) return found->factor;
  const auto number = digits(text.substr(0, split));
  if (!number || *number > 1'000'000'000'000) return std::nullopt;
  return *number * found->factor;
}

struct Scope {
  std::string_view name;
  chat::Rate Throttles::* rate;
};

constexpr std::array scopes{Scope{"signup", &Throttles::signup},
                            Scope{"login", &Throttles::login},
                            Scope{"login-failures", &Throttles::login_failures},
                            Scope{"account-failures", &Throttles::account_failures},
                            Scope{"conversations", &Throttles::conversations},
                            Scope{"messages-read", &Throttles::messages_read},
                            Scope{"anon", &Throttles::anonymous},
                            Scope{"user", &Throttles::authenticated}};

std::vector<std::string> scope_names() {
  std::vector<std::string> names;
  for (const auto& scope : scopes) names.emplace_back(scope.name);
  return names;
}

}  // namespace

Parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto number = digits(trimmed(text));
  if (!number || *number < min || *number > max) {
    return unexpected(fmt::format("{} is not a number from {} to {}", in_quotes(text), min, max));
  }
  return *number;
}

Parsed<std::size_t> parse_bytes(std::string_view text, std::size_t min, std::size_t max) {
  const auto bytes = measured(trimmed(text), byte_units);
  if (!bytes || *bytes < min || *bytes > max) {
    return unexpected(
        fmt::format("{} is not a size from {} to {}; write bytes or, for example, 64KiB",
                    in_quotes(text), show_bytes(min), show_bytes(max)));
  }
  return static_cast<std::size_t>(*bytes);
}

Parsed<std::chrono::seconds> parse_duration(std::string_view text, std::chrono::seconds min,
                                            std::chrono::seconds max) {
  const auto seconds = measured(trimmed(text), time_units);
  if (!seconds || *seconds < static_cast<std::uint64_t>(min.count()) ||
      *seconds > static_cast<std::uint64_t>(max.count())) {
    return unexpected(
        fmt::format("{} is not a time from {} to {}; write, for example, 90s, 15m or 12h",
                    in_quotes(text), show(min), show(max)));
  }
  return std::chrono::seconds(*seconds);
}

Parsed<bool> parse_switch(std::string_view text) {
  const auto word = lower_ascii(trimmed(text));
  if (word == "on" || word == "true" || word == "yes" || word == "1") return true;
  if (word == "off" || word == "false" || word == "no" || word == "0") return false;
  return unexpected(fmt::format("{} is neither on nor off", in_quotes(text)));
}

Parsed<chat::Rate> parse_rate(std::string_view text) {
  const auto word = trimmed(text);
  if (lower_ascii(word) == "off") return chat::Rate{.count = 0};
  const auto slash = word.find('/');
  if (slash != std::string_view::npos) {
    const auto count = digits(trimmed(word.substr(0, slash)));
    const auto window = measured(trimmed(word.substr(slash + 1)), time_units, false);
    if (count && window && *count >= 1 && *count <= 1'000'000 && *window >= 1 &&
        *window <= 86'400) {
      return chat::Rate{.count = static_cast<std::size_t>(*count),
                        .window = std::chrono::seconds(*window)};
    }
  }
  return unexpected(
      fmt::format("{} is not a rate; write, for example, 5/10s or 120/min, or off for no limit",
                  in_quotes(text)));
}

Parsed<Throttles> parse_throttles(std::string_view text) {
  Throttles throttles;
  if (lower_ascii(trimmed(text)) == "off") {
    for (const auto& scope : scopes) throttles.*scope.rate = chat::Rate{.count = 0};
    return throttles;
  }
  for (const auto& entry : split_list(text)) {
    const std::string_view view = entry;
    const auto equals = view.find('=');
    const auto name = trimmed(view.substr(0, equals));
    const auto scope = std::ranges::find(scopes, name, &Scope::name);
    if (equals == std::string_view::npos || scope == scopes.end()) {
      return unexpected(
          fmt::format("{} is not SCOPE=RATE; the scopes are {}; `off` alone lifts all",
                      in_quotes(entry), fmt::join(scope_names(), ", ")));
    }
    const auto rate = parse_rate(view.substr(equals + 1));
    if (!rate) return unexpected(fmt::format("{}: {}", scope->name, rate.error()));
    throttles.*scope->rate = *rate;
  }
  return throttles;
}

Parsed<log::Level> parse_log_level(std::string_view text) {
  const auto word = lower_ascii(trimmed(text));
  for (const auto level : {log::Level::debug, log::Level::info, log::Level::warn, log::Level::error,
                           log::Level::off}) {
    if (word == show(level)) return level;
  }
  return unexpected(fmt::format("{} is not one of debug, info, warn, error, off", in_quotes(text)));
}

Parsed<log::Format> parse_log_format(std::string_view text) {
  const auto word = lower_ascii(trimmed(text));
  if (word == "logfmt") return log::Format::logfmt;
  if (word == "json") return log::Format::json;
  return unexpected(fmt::format("{} is neither logfmt nor json", in_quotes(text)));
}

std::string show(const chat::Rate& rate) {
  if (rate.count == 0) return "off";
  if (rate.window == std::chrono::minutes{1}) return fmt::format("{}/min", rate.count);
  return fmt::format("{}/{}s", rate.count, rate.window.count());
}

std::string show(const Throttles& throttles) {
  std::string out;
  for (const auto& scope : scopes) {
    if (!out.empty()) out += ',';
    out += fmt::format("{}={}", scope.name, show(throttles.*scope.rate));
  }
  const bool all_off = std::ranges::all_of(
      scopes, [&](const Scope& scope) { return (throttles.*scope.rate).count == 0; });
  return all_off ? "off" : out;
}

std::string show(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds % 3'600 == 0 && seconds > 0) return fmt::format("{}h", seconds / 3'600);
  if (seconds % 60 == 0 && seconds > 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

std::string show(log::Level level) {
  switch (level) {
    case log::Level::debug:
      return "debug";
    case log::Level::info:
      return "info";
    case log::Level::warn:
      return "warn";
    case log::Level::error:
      return "error";
    case log::Level::off:
      break;
  }
  return "off";
}

std::string show(log::Format format) { return format == log::Format::json ? "json" : "logfmt"; }

std::string show_bytes(std::size_t bytes) {
  if (bytes % (1024 * 1024) == 0 && bytes > 0) return fmt::format("{}MiB", bytes / (1024 * 1024));
  if (bytes % 1024 == 0 && bytes > 0) return fmt::format("{}KiB", bytes / 1024);
  return fmt::format("{}", bytes);
}

}  // namespace banter::app
