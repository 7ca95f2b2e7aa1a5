// A request target: whatever it holds, nothing is lost in splitting it, and a path is decoded once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/host_check.hpp"
#include "http/router.hpp"
#include "http/target.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace banter::http;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Target target;
  target.path = "left from the request before";
  split_target(input, target);
  std::string joined(target.raw_path);
  if (joined.size() < input.size()) joined.append("?").append(target.query);
  require(joined == input);
  require(target.path.size() <= target.raw_path.size());
  if (target.raw_path.find('%') == std::string_view::npos) require(target.path == target.raw_path);

  std::string_view id;
  const Route& route = find_route(target.path, id);
  if (!id.empty()) require(route.path.find("<id>") != std::string_view::npos);
  for (const char c : id) require(c >= '0' && c <= '9');

  // A Host shares the alphabet: the same bytes are judged as one.
  const AllowedHosts hosts({".example.com", "[::1]"});
  if (hosts.allows(input)) require(AllowedHosts().allows(input));
  return 0;
}
