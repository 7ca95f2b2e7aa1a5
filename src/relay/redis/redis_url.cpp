#include "relay/redis/redis_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace banter::relay {
namespace {

constexpr std::uint16_t server_port = 6379;
constexpr std::uint16_t sentinel_port = 26379;

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Cuts off and gives what stands before the separator; all of it if there is none.
std::string_view cut(std::string_view& text, char separator) {
  const auto at = std::min(text.find(separator), text.size());
  const auto head = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return head;
}

std::optional<RedisAddress> address_in(std::string_view text, std::uint16_t usual_port) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return std::nullopt;
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  RedisAddress address{.host = std::string(host), .port = usual_port};
  if (!port.empty()) {
    const auto number = number_in<std::uint16_t>(port.substr(1));
    if (!number || *number == 0) return std::nullopt;
    address.port = *number;
  }
  return host.empty() ? std::nullopt : std::optional(address);
}

std::optional<std::string> read_scheme(std::string_view& rest, RedisUrl& url, bool& sentinel) {
  const auto end = rest.find("://");
  if (end == std::string_view::npos) return "not a Redis URL; write redis://HOST:PORT";
  const auto scheme = rest.substr(0, end);
  rest.remove_prefix(end + 3);
  sentinel = scheme.ends_with("+sentinel");
  url.tls = scheme.starts_with("rediss");
  if (scheme != "redis" && scheme != "rediss" && scheme != "redis+sentinel" &&
      scheme != "rediss+sentinel") {
    return "not a Redis URL; its scheme is redis, rediss (TLS), redis+sentinel or rediss+sentinel";
  }
  return std::nullopt;
}

std::optional<std::string> read_login(std::string_view& authority, RedisUrl& url) {
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  auto login = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  auto user = decoded(cut(login, ':'));
  auto password = decoded(login);
  if (!user || !password) return "user or password hold a % that is no %XX";
  url.user = *std::move(user);
  url.password = *std::move(password);
  return std::nullopt;
}

std::optional<std::string> read_hosts(std::string_view authority, bool sentinel, RedisUrl& url) {
  while (!authority.empty()) {
    const auto address = address_in(cut(authority, ','), sentinel ? sentinel_port : server_port);
    if (!address) return "a host is not HOST, HOST:PORT or [IPV6]:PORT";
    url.hosts.push_back(*address);
  }
  return url.hosts.empty() ? std::optional<std::string>("it names no host") : std::nullopt;
}

std::optional<std::string> read_path(std::string_view path, bool sentinel, RedisUrl& url) {
  if (sentinel) {
    const auto master = decoded(cut(path, '/'));
    if (!master || master->empty()) {
      return "it does not name the master: redis+sentinel://HOST:PORT/MASTER";
    }
    url.master = *master;
  }
  if (path.empty()) return std::nullopt;
  const auto database = number_in<int>(path);
  if (!database || *database < 0) return "the database is not a number";
  url.database = *database;
  return std::nullopt;
}

std::optional<std::string> read_query(std::string_view query, RedisUrl& url) {
  while (!query.empty()) {
    auto value = cut(query, '&');
    const auto name = cut(value, '=');
    const auto text = decoded(value);
    if (name != "ca_file" || !text || text->empty()) {
      return "behind the ? only ca_file=PATH is understood";
    }
    url.ca_file = *text;
  }
  return std::nullopt;
}

}  // namespace

std::expected<RedisUrl, std::string> parse_redis_url(std::string_view text) {
  RedisUrl url;
  bool sentinel = false;
  if (auto error = read_scheme(text, url, sentinel)) return std::unexpected(*std::move(error));
  auto query = text;
  auto path = cut(query, '?');
  auto authority = cut(path, '/');
  if (auto error = read_login(authority, url)) return std::unexpected(*std::move(error));
  if (auto error = read_hosts(authority, sentinel, url)) return std::unexpected(*std::move(error));
  if (auto error = read_path(path, sentinel, url)) return std::unexpected(*std::move(error));
  if (auto error = read_query(query, url)) return std::unexpected(*std::move(error));
  return url;
}

}  // namespace banter::relay
