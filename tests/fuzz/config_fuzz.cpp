// Configuration never crashes, whatever stands in the file, the environment or the flags; every
// error is a printable line that names a setting, and no secret shows in what is printed. Input:
// three parts separated by a byte 0x01: the file, then lines NAME=VALUE for the environment, then
// lines NAME=VALUE for the flags.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "base/assert.hpp"

namespace {

using namespace banter;

constexpr std::string_view secret = "a key that must not show 0123456789";

std::map<std::string, std::string> pairs(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    const auto equals = std::min(line.find('='), line.size());
    out.emplace(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void judge(const app::ConfigSources& sources, app::ConfigScope scope) {
  const auto loaded = app::load_config(sources, scope);
  if (!loaded) {
    ASSERT(!loaded.error().empty(), "a refusal has a reason");
    for (const auto& error : loaded.error()) {
      ASSERT(error.find(": ") != std::string::npos, "an error names its setting");
      ASSERT(error.find(secret) == std::string::npos, "secrets are not printed");
    }
    return;
  }
  for (const auto& row : loaded->shown) {
    ASSERT(row.value.find(secret) == std::string::npos, "secrets are not printed");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  std::array<std::string_view, 3> parts;
  for (auto& part : parts) {
    const auto end = std::min(text.find('\x01'), text.size());
    part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  app::ConfigSources sources{.flags = pairs(parts[2]),
                             .environment = pairs(parts[1]),
                             .file_path = "banter.toml",
                             .file_text = std::string(parts[0])};
  judge(sources, app::ConfigScope::all);
  judge(sources, app::ConfigScope::data);
  sources.environment.insert_or_assign("BANTER_SECRET_KEY", std::string(secret));
  judge(sources, app::ConfigScope::all);
  return 0;
}
