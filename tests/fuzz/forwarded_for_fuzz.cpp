// X-Forwarded-For as anybody may send it: lines separated by newlines. What comes out is an address
// that was named or the peer's, and a proxy's only where nothing else was left to believe.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/client_address.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace banter::http;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  while (!rest.empty() && lines.size() < 4) {
    const auto line = rest.substr(0, rest.find('\n'));
    lines.push_back(line);
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : rest.size());
  }
  TrustedProxies trusted;
  require(trusted.add("10.0.0.0/8") && trusted.add("fd00::/8"));
  const auto peer = *parse_address("10.0.0.1");
  const auto client = client_address(peer, lines, trusted);
  require(parse_address(to_text(client)) == client);
  require(!throttle_identity(client).empty());
  require(client_address(peer, {}, trusted) == peer);
  require(client_address(*parse_address("9.9.9.9"), lines, trusted) == *parse_address("9.9.9.9"));
  // A further proxy in front that passes everything on changes nothing.
  lines.push_back("10.9.9.9");
  if (lines.size() <= 4) {
    const auto again = client_address(peer, lines, trusted);
    require(again == client || again == *parse_address("10.9.9.9") || trusted.contains(again));
  }

  TrustedProxies any;
  if (any.add(std::string_view(reinterpret_cast<const char*>(data), size))) require(!any.empty());
  return 0;
}
