// Where Redis is, as an operator writes it. Pure; errors never repeat the password.
//
//   url      = ("redis" | "rediss") "://" [login "@"] hosts ["/" database] ["?" query]
//            | ("redis" | "rediss") "+sentinel://" [login "@"] hosts "/" master ["/" database] ["?"
//            query]
//   login    = [user] [":" password]          percent-encoded
//   hosts    = host [":" port] *("," host [":" port])        IPv6 in brackets
//   query    = "ca_file=" path
// rediss is TLS. Several hosts without sentinel are ways into a cluster.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace banter::relay {

struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;
  friend auto operator<=>(const RedisAddress&, const RedisAddress&) = default;
};

struct RedisUrl {
  std::vector<RedisAddress> hosts;  // servers, or sentinels
  std::string master;               // empty: hosts are servers
  std::string user;
  std::string password;
  int database = 0;
  bool tls = false;
  std::string ca_file;  // empty: the system's authorities
};

// The error is a sentence that goes after the name of the setting.
[[nodiscard]] std::expected<RedisUrl, std::string> parse_redis_url(std::string_view text);

}  // namespace banter::relay
