#include "app/config_stores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "relay/redis/redis_url.hpp"

namespace banter::app {
namespace {

constexpr std::string_view mask = "********";

std::string scheme_of(std::string_view url) { return lower_ascii(url.substr(0, url.find(':'))); }

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-._~").contains(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// The variables PREFIX_HOST and so on that are set, and which ones that were.
struct Parts {
  std::map<std::string_view, std::string> values;
  std::string names;

  [[nodiscard]] std::string get(std::string_view name, std::string_view otherwise) const {
    const auto found = values.find(name);
    return percent_encoded(found == values.end() ? otherwise : found->second);
  }
  [[nodiscard]] bool has(std::string_view name) const { return values.contains(name); }
};

Parts parts_of(const std::map<std::string, std::string>& environment, std::string_view prefix) {
  Parts parts;
  for (const std::string_view name : {"HOST", "PORT", "DB", "USER", "PASSWORD", "URL"}) {
    const auto variable = fmt::format("{}_{}", prefix, name);
    const auto found = environment.find(variable);
    if (found == environment.end() || found->second.empty()) continue;
    parts.values.emplace(name, found->second);
    parts.names += (parts.names.empty() ? "" : ", ") + variable;
  }
  return parts;
}

}  // namespace

Parsed<std::string> parse_database(std::string_view text) {
  if (text == "sqlite:") return std::string(text);
  const auto scheme = scheme_of(text);
  if (scheme == "postgres" || scheme == "postgresql") {
    if (text.substr(scheme.size()).starts_with("://")) return std::string(text);
    return std::unexpected("write postgres://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  if (scheme == "sqlite") {
    return std::unexpected("the file is always DATA/banter.db; write sqlite: and set --data");
  }
  return std::unexpected(
      "not a database URL; write sqlite: or postgres://USER:PASSWORD@HOST:PORT/DATABASE");
}

Parsed<std::string> parse_redis(std::string_view text) {
  const auto url = relay::parse_redis_url(text);
  if (!url) return std::unexpected(url.error());
  return std::string(text);
}

bool names_postgres(std::string_view database) { return scheme_of(database) != "sqlite"; }

std::string show_url(std::string_view url) {
  std::string out(url);
  if (const auto begin = out.find("://"); begin != std::string::npos) {
    const auto authority = begin + 3;
    const auto end = std::min(out.find_first_of("/?#", authority), out.size());
    const auto at = out.rfind('@', end);
    const auto colon = out.find(':', authority);
    if (at != std::string::npos && at >= authority && colon < at) {
      out.replace(colon + 1, at - colon - 1, mask);
    }
  }
  constexpr std::string_view parameter = "password=";
  for (auto at = out.find(parameter); at != std::string::npos;
       at = out.find(parameter, at + parameter.size())) {
    const auto from = at + parameter.size();
    out.replace(from, std::min(out.find('&', from), out.size()) - from, mask);
  }
  return out;
}

std::optional<FromVariables> database_of(const std::map<std::string, std::string>& environment) {
  const auto parts = parts_of(environment, "POSTGRES");
  if (!parts.has("HOST")) return std::nullopt;
  std::string user = parts.get("USER", "postgres");
  if (parts.has("PASSWORD")) user += ":" + parts.get("PASSWORD", "");
  return FromVariables{.value = fmt::format("postgres://{}@{}:{}/{}", user, parts.get("HOST", ""),
                                            parts.get("PORT", "5432"), parts.get("DB", "postgres")),
                       .names = parts.names};
}

std::optional<FromVariables> redis_of(const std::map<std::string, std::string>& environment) {
  const auto parts = parts_of(environment, "REDIS");
  if (parts.has("URL")) return FromVariables{parts.values.at("URL"), "REDIS_URL"};
  if (!parts.has("HOST")) return std::nullopt;
  std::string user = parts.has("USER") ? parts.get("USER", "") : "";
  if (parts.has("PASSWORD")) user += ":" + parts.get("PASSWORD", "");
  if (!user.empty()) user += "@";
  return FromVariables{.value = fmt::format("redis://{}{}:{}/{}", user, parts.get("HOST", ""),
                                            parts.get("PORT", "6379"), parts.get("DB", "0")),
                       .names = parts.names};
}

}  // namespace banter::app
