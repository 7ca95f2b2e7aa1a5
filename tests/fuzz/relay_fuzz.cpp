// What comes from Redis: replies cut anywhere give the same values; events, notices and URLs may be
// anything.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "relay/redis/cluster_slots.hpp"
#include "relay/redis/redis_url.hpp"
#include "relay/redis/relay_names.hpp"
#include "relay/redis/resp.hpp"

namespace banter::relay {
namespace {

std::size_t values_in(const RespValue& value) {
  std::size_t count = 1;
  for (const auto& item : value.items) count += values_in(item);
  return count;
}

std::vector<std::size_t> parse(std::string_view bytes, std::size_t piece) {
  RespParser parser;
  std::vector<std::size_t> sizes;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(bytes.substr(at, piece));
    while (const auto value = parser.next()) {
      sizes.push_back(values_in(*value));
      static_cast<void>(slot_ranges(*value, {}));
    }
  }
  return sizes;
}

void check(std::string_view bytes) {
  ASSERT(parse(bytes, bytes.size() + 1) == parse(bytes, 1), "cuts change nothing");
  if (const auto event = decode_member(bytes)) {
    ASSERT(decode_member(encode_member(*event)).has_value(), "what was read can be read again");
  }
  static_cast<void>(decode_events("12345678", bytes));
  static_cast<void>(decode_notice("12345678", bytes));
  static_cast<void>(redirection_in(bytes));
  static_cast<void>(parse_redis_url(bytes));
}

}  // namespace
}  // namespace banter::relay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  banter::relay::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
