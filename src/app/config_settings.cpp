// The rows of the table, in the order of the documentation.
#include "app/config_table.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/config_names.hpp"
#include "app/config_stores.hpp"
#include "app/config_values.hpp"

namespace banter::app {
namespace {

constexpr std::string_view where = "Where";
constexpr std::string_view keys = "Keys and tokens";
constexpr std::string_view access = "Who may come";
constexpr std::string_view rates = "Rates";
constexpr std::string_view limits = "Limits";
constexpr std::string_view capacity = "Capacity";
constexpr std::string_view logs = "Logs";

template <class T, class Value>
Parsed<void> assign(T& to, Parsed<Value> value) {
  if (!value) return std::unexpected(std::move(value.error()));
  to = static_cast<T>(*std::move(value));
  return {};
}

Parsed<void> set_path(std::filesystem::path& to, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    return std::unexpected("a path cannot hold a NUL");
  }
  to = std::filesystem::path(value);
  return {};
}

// "auto" is 0 in Config.
Parsed<std::uint64_t> parse_count_or_auto(std::string_view value, std::uint64_t max) {
  if (value == "auto") return 0;
  auto number = parse_number(value, 1, max);
  if (!number) return std::unexpected(number.error() + ", nor auto");
  return number;
}

std::string show_count_or_auto(std::size_t count) {
  return count == 0 ? "auto" : fmt::format("{}", count);
}

constexpr auto lifetime_min = std::chrono::minutes{1};
constexpr auto lifetime_max = std::chrono::days{365};

using Text = std::string_view;

const std::array table{
    Setting{
        .name = "data",
        .value_name = "DIR",
        .group = where,
        .help = "Directory of the database, the signing key and the admin socket. Created with "
                "mode 0700 if it is missing.",
        .scope = ConfigScope::data,
        .set = [](Config& c, Text v) { return set_path(c.data, v); },
        .show = [](const Config& c) { return c.data.string(); },
    },
    Setting{
        .name = "listen",
        .value_name = "HOST:PORT",
        .group = where,
        .help = "Where to listen. Port 0 picks a free one; 0.0.0.0:8000 takes calls from other "
                "machines.",
        .set = [](Config& c, Text v) { return assign(c.listen, parse_endpoint(v)); },
        .show = [](const Config& c) { return show(c.listen); },
    },
    Setting{
        .name = "database",
        .value_name = "URL",
        .group = where,
        .help = "The store. `sqlite:` is the database in the data directory; "
                "postgres://USER:PASSWORD@HOST:PORT/DATABASE one that several nodes share.",
        .alias = "POSTGRES_HOST, _PORT, _DB, _USER, _PASSWORD",
        .scope = ConfigScope::data,
        .set = [](Config& c, Text v) { return assign(c.database, parse_database(v)); },
        .show = [](const Config& c) { return show_url(c.database); },
    },
    Setting{
        .name = "redis",
        .value_name = "URL",
        .group = where,
        .help = "Redis, for several nodes: carries messages between them and counts rates for all. "
                "One server, a cluster, or sentinels (redis+sentinel://HOST:PORT,.../MASTER).",
        .alias = "REDIS_URL or REDIS_HOST, _PORT, _DB, _PASSWORD",
        .unset = "none",
        .set = [](Config& c, Text v) { return assign(c.redis, parse_redis(v)); },
        .show = [](const Config& c) { return show_url(c.redis); },
    },
    Setting{
        .name = "auto-migrate",
        .value_name = "on|off",
        .group = where,
        .help = "Bring the database up to date at the start. With off, an older one is refused "
                "until `banter migrate` was run.",
        .set = [](Config& c, Text v) { return assign(c.auto_migrate, parse_switch(v)); },
        .show = [](const Config& c) { return std::string(c.auto_migrate ? "on" : "off"); },
    },
    Setting{
        .name = "allow-weak-durability",
        .value_name = "",
        .group = where,
        .help = "Serve although PostgreSQL may lose what it confirmed (fsync or full_page_writes "
                "is off). For tests only.",
        .set = [](Config& c, Text v) { return assign(c.allow_weak_durability, parse_switch(v)); },
        .show = [](const Config& c) { return std::string(c.allow_weak_durability ? "on" : "off"); },
    },
    Setting{
        .name = "secret-key",
        .value_name = "KEY",
        .group = keys,
        .help = "Signs tokens; at least 32 bytes. Take the key of the replaced system to keep its "
                "tokens valid.",
        .alias = "DJANGO_SECRET_KEY",
        .unset = "made at the first start, in DATA/secret.key",
        .secret = true,
        .set = [](Config& c, Text v) { return assign(c.secret_key, Parsed<std::string>(v)); },
        .show = [](const Config& c) { return c.secret_key; },
    },
    Setting{
        .name = "secret-key-previous",
        .value_name = "KEYS",
        .group = keys,
        .help = "Keys, separated by commas, that are still believed but sign nothing: rotation "
                "without logging anybody out.",
        .unset = "none",
        .secret = true,
        .set =
            [](Config& c, Text v) {
              c.previous_keys = split_list(v);
              return Parsed<void>{};
            },
        .show = [](const Config& c) { return joined(c.previous_keys); },
    },
    Setting{
        .name = "secret-key-file",
        .value_name = "FILE",
        .group = keys,
        .help = "File with the key in its first line, and previous keys in further lines. Nobody "
                "but its owner may read it.",
        .unset = "DATA/secret.key",
        .set = [](Config& c, Text v) { return set_path(c.secret_key_file, v); },
        .show = [](const Config& c) { return c.secret_key_file.string(); },
    },
    Setting{
        .name = "insecure-dev",
        .value_name = "",
        .group = keys,
        .help = "Allow keys shorter than 32 bytes. For tests and development only.",
        .set = [](Config& c, Text v) { return assign(c.insecure_dev, parse_switch(v)); },
        .show = [](const Config& c) { return std::string(c.insecure_dev ? "on" : "off"); },
    },
    Setting{
        .name = "access-lifetime",
        .value_name = "TIME",
        .group = keys,
        .help = "How long an access token is valid.",
        .set =
            [](Config& c, Text v) {
              return assign(c.access_lifetime, parse_duration(v, lifetime_min, lifetime_max));
            },
        .show = [](const Config& c) { return show(c.access_lifetime); },
    },
    Setting{
        .name = "refresh-lifetime",
        .value_name = "TIME",
        .group = keys,
        .help = "How long a refresh token is valid.",
        .set =
            [](Config& c, Text v) {
              return assign(c.refresh_lifetime, parse_duration(v, lifetime_min, lifetime_max));
            },
        .show = [](const Config& c) { return show(c.refresh_lifetime); },
    },
    Setting{
        .name = "allowed-hosts",
        .value_name = "LIST",
        .group = access,
        .help = "Host names that requests may name. `.example.com` stands for the name and all "
                "below it.",
        .alias = "ALLOWED_HOSTS",
        .unset = "any",
        .set = [](Config& c, Text v) { return assign(c.allowed_hosts, parse_hosts(v)); },
        .show = [](const Config& c) { return joined(c.allowed_hosts); },
    },
    Setting{
        .name = "allowed-origins",
        .value_name = "LIST",
        .group = access,
        .help = "Origins of pages that may open a socket, such as https://chat.example.com.",
        .unset = "any",
        .set = [](Config& c, Text v) { return assign(c.allowed_origins, parse_origins(v)); },
        .show = [](const Config& c) { return joined(c.allowed_origins); },
    },
    Setting{
        .name = "trusted-proxies",
        .value_name = "LIST",
        .group = access,
        .help = "Addresses or networks of your reverse proxies. Only their X-Forwarded-For is "
                "believed.",
        .unset = "none",
        .set = [](Config& c, Text v) { return assign(c.trusted_proxies, parse_networks(v)); },
        .show = [](const Config& c) { return joined(c.trusted_proxies); },
    },
    Setting{
        .name = "throttle",
        .value_name = "RATES",
        .group = rates,
        .help = "Requests per scope, such as signup=10/min,login=off. Scopes that are left out "
                "keep their default; `off` alone lifts all.",
        .set = [](Config& c, Text v) { return assign(c.throttles, parse_throttles(v)); },
        .show = [](const Config& c) { return show(c.throttles); },
    },
    Setting{
        .name = "message-rate",
        .value_name = "RATE",
        .group = rates,
        .help = "Messages of one user in one conversation, over all his sockets; or `off`.",
        .alias = "WS_RATE_COUNT and WS_RATE_WINDOW_SEC",
        .set = [](Config& c, Text v) { return assign(c.message_rate, parse_rate(v)); },
        .show = [](const Config& c) { return show(c.message_rate); },
    },
    Setting{
        .name = "body-bytes-max",
        .value_name = "BYTES",
        .group = limits,
        .help = "Body of a request; 413 past it.",
        .set =
            [](Config& c, Text v) {
              return assign(c.limits.body_bytes_max, parse_bytes(v, 1'024, 16 * 1'024 * 1'024));
            },
        .show = [](const Config& c) { return show_bytes(c.limits.body_bytes_max); },
    },
    Setting{
        .name = "head-bytes-max",
        .value_name = "BYTES",
        .group = limits,
        .help = "Request line and headers together; 431 past it.",
        .set =
            [](Config& c, Text v) {
              return assign(c.limits.head_bytes_max, parse_bytes(v, 1'024, 1'024 * 1'024));
            },
        .show = [](const Config& c) { return show_bytes(c.limits.head_bytes_max); },
    },
    Setting{
        .name = "text-bytes-max",
        .value_name = "BYTES",
        .group = limits,
        .help = "Text of a message, as UTF-8; an error frame past it.",
        .set =
            [](Config& c, Text v) {
              // Half a frame: the rest is for JSON's escapes and the other members.
              return assign(c.limits.text_bytes_max, parse_bytes(v, 1, chat::frame_bytes_max / 2));
            },
        .show = [](const Config& c) { return show_bytes(c.limits.text_bytes_max); },
    },
    Setting{
        .name = "members-max",
        .value_name = "N",
        .group = limits,
        .help = "Members of a new conversation; 400 past it.",
        .set = [](Config& c,
                  Text v) { return assign(c.limits.members_max, parse_number(v, 1, 100'000)); },
        .show = [](const Config& c) { return fmt::format("{}", c.limits.members_max); },
    },
    Setting{
        .name = "history-max",
        .value_name = "N",
        .group = limits,
        .help = "Messages that one history request can ask for.",
        .set = [](Config& c,
                  Text v) { return assign(c.limits.history_max, parse_number(v, 1, 1'000)); },
        .show = [](const Config& c) { return fmt::format("{}", c.limits.history_max); },
    },
    Setting{
        .name = "reactors",
        .value_name = "N",
        .group = capacity,
        .help = "Threads that serve connections.",
        .unset = "auto: one per core",
        .set = [](Config& c, Text v) { return assign(c.reactors, parse_count_or_auto(v, 256)); },
        .show = [](const Config& c) { return show_count_or_auto(c.reactors); },
    },
    Setting{
        .name = "password-threads",
        .value_name = "N",
        .group = capacity,
        .help = "Threads that check passwords, each about 33 a second and 19 MiB at work.",
        .unset = "auto: one per two cores",
        .set = [](Config& c,
                  Text v) { return assign(c.password_threads, parse_count_or_auto(v, 64)); },
        .show = [](const Config& c) { return show_count_or_auto(c.password_threads); },
    },
    Setting{
        .name = "max-connections",
        .value_name = "N",
        .group = capacity,
        .help = "Open connections; past it new ones are closed at once. Never more than the "
                "limit of open files allows.",
        .set = [](Config& c,
                  Text v) { return assign(c.connections_max, parse_number(v, 1, 10'000'000)); },
        .show = [](const Config& c) { return fmt::format("{}", c.connections_max); },
    },
    Setting{
        .name = "log-level",
        .value_name = "LEVEL",
        .group = logs,
        .help = "The least important lines to write: debug, info, warn, error or off.",
        .set = [](Config& c, Text v) { return assign(c.log_level, parse_log_level(v)); },
        .show = [](const Config& c) { return show(c.log_level); },
    },
    Setting{
        .name = "log-format",
        .value_name = "FORMAT",
        .group = logs,
        .help = "logfmt, or json for one object per line.",
        .set = [](Config& c, Text v) { return assign(c.log_format, parse_log_format(v)); },
        .show = [](const Config& c) { return show(c.log_format); },
    },
    Setting{
        .name = "access-log",
        .value_name = "on|off",
        .group = logs,
        .help = "One line per request.",
        .set = [](Config& c, Text v) { return assign(c.access_log, parse_switch(v)); },
        .show = [](const Config& c) { return std::string(c.access_log ? "on" : "off"); },
    },
};

}  // namespace

std::span<const Setting> settings() { return table; }

}  // namespace banter::app
