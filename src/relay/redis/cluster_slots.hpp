// What a Redis Cluster says of itself: which server has which slots, and where a request is to go
// instead. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "relay/redis/redis_url.hpp"
#include "relay/redis/resp.hpp"

namespace banter::relay {

inline constexpr std::size_t slot_count = 16'384;
// CRC16 of the key, or of what stands between its first { and the } behind it.
[[nodiscard]] std::uint16_t slot_of(std::string_view key);

struct SlotRange {
  std::uint16_t first;
  std::uint16_t last;
  RedisAddress master;
};
// The reply to CLUSTER SLOTS, as `asked` gave it; what is no range is left out.
[[nodiscard]] std::vector<SlotRange> slot_ranges(const RespValue& reply, const RedisAddress& asked);

// "MOVED 866 10.0.0.1:7000": for good; "ASK …": for once. An empty host is the one that was asked.
struct Redirection {
  bool for_good;
  RedisAddress address;
};
[[nodiscard]] std::optional<Redirection> redirection_in(std::string_view error);

// Whether the reply to HELLO is one of a cluster's server.
[[nodiscard]] bool says_cluster(const RespValue& hello);

// "host:port".
[[nodiscard]] std::optional<RedisAddress> parse_address(std::string_view text);

}  // namespace banter::relay
