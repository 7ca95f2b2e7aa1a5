#include "relay/redis/cluster_slots.hpp"

#include <algorithm>
#include <charconv>

namespace banter::relay {

std::uint16_t slot_of(std::string_view key) {
  if (const auto open = key.find('{'); open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  unsigned crc = 0;  // CRC-16/XMODEM, as the cluster specification has it
  for (const char c : key) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    }
    crc &= 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc % slot_count);
}

// [[first, last, [host, port, …], replica …] …]
std::vector<SlotRange> slot_ranges(const RespValue& reply, const RedisAddress& asked) {
  std::vector<SlotRange> ranges;
  for (const auto& range : reply.items) {
    if (range.items.size() < 3 || range.items[2].items.size() < 2) continue;
    const auto& node = range.items[2].items;
    const auto first = range.items[0].number;
    const auto last = range.items[1].number;
    const auto port = node[1].number;
    if (first < 0 || last < first || last >= static_cast<std::int64_t>(slot_count) || port < 1 ||
        port > 65'535) {
      continue;
    }
    ranges.push_back({.first = static_cast<std::uint16_t>(first),
                      .last = static_cast<std::uint16_t>(last),
                      .master = {.host = node[0].text.empty() ? asked.host : node[0].text,
                                 .port = static_cast<std::uint16_t>(port)}});
  }
  return ranges;
}

std::optional<Redirection> redirection_in(std::string_view error) {
  const bool moved = error.starts_with("MOVED ");
  if (!moved && !error.starts_with("ASK ")) return std::nullopt;
  const auto address = parse_address(error.substr(error.rfind(' ') + 1));
  if (!address) return std::nullopt;
  return Redirection{.for_good = moved, .address = *address};
}

bool says_cluster(const RespValue& hello) {
  for (std::size_t i = 0; i + 1 < hello.items.size(); i += 2) {
    if (hello.items[i].text == "mode") return hello.items[i + 1].text == "cluster";
  }
  return false;
}

std::optional<RedisAddress> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  RedisAddress address{.host = std::string(text.substr(0, colon)), .port = 0};
  const auto port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  return address;
}

}  // namespace banter::relay
