// How databases and Redis servers are named in settings: one URL, or the several variables of the
// replaced system. Pure functions. Passwords in URLs are neither quoted in errors nor shown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/config_words.hpp"

namespace banter::app {

// "sqlite:" or "postgres://…"; what is behind the scheme is the store's to judge.
[[nodiscard]] Parsed<std::string> parse_database(std::string_view text);
// "redis://…", "rediss://…", "redis+sentinel://…", "rediss+sentinel://…".
[[nodiscard]] Parsed<std::string> parse_redis(std::string_view text);
[[nodiscard]] bool names_postgres(std::string_view database);

// The URL with its password, if it has one, masked.
[[nodiscard]] std::string show_url(std::string_view url);

// A value that several variables make together, and their names ("POSTGRES_HOST, POSTGRES_DB").
struct FromVariables {
  std::string value;
  std::string names;
};
// POSTGRES_HOST, _PORT, _DB, _USER, _PASSWORD, if POSTGRES_HOST is among them; empty ones count as
// unset.
[[nodiscard]] std::optional<FromVariables> database_of(
    const std::map<std::string, std::string>& environment);
// REDIS_URL; or REDIS_HOST, _PORT, _DB, _PASSWORD, if REDIS_HOST is among them.
[[nodiscard]] std::optional<FromVariables> redis_of(
    const std::map<std::string, std::string>& environment);

}  // namespace banter::app
