#include "verify/drive/samples.hpp"

#include <charconv>
#include <optional>

namespace banter::verify {
namespace {

// The value of a family without labels.
std::optional<std::int64_t> value_of(std::string_view metrics, std::string_view name) {
  const auto found = metrics.find("\n" + std::string(name) + " ");
  if (found == std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto* begin = metrics.data() + found + name.size() + 2;
  if (std::from_chars(begin, metrics.data() + metrics.size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

Task<> take_samples(Stage& stage, SampleWhen when) {
  for (const auto& node : stage.nodes) {
    const auto answer = co_await ask(stage.executor, node, {.target = "/metrics"});
    if (answer.status != 200) continue;
    const auto rss = value_of(answer.body, "process_resident_memory_bytes");
    const auto fds = value_of(answer.body, "process_open_fds");
    if (rss && fds) {
      stage.journal.write(Sample{.node = node.name, .rss = *rss, .fds = *fds, .when = when});
    }
  }
}

}  // namespace banter::verify
