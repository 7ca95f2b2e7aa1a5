#include "verify/check/resources.hpp"

#include <algorithm>

namespace banter::verify {

void Resources::take(const Sample& sample, Moment now) {
  const auto found = nodes_.find(sample.node);
  Node& node = found == nodes_.end() ? nodes_[std::string(sample.node)] : found->second;
  node.peak.rss_peak = std::max(node.peak.rss_peak, sample.rss);
  node.peak.fds_peak = std::max(node.peak.fds_peak, sample.fds);
  const auto raise = [&](std::optional<Level>& level, std::int64_t value) {
    if (!level || value > level->value) level = Level{.value = value, .line = now.line};
  };
  const auto lower = [&](std::optional<Level>& level, std::int64_t value) {
    if (!level || value < level->value) level = Level{.value = value, .line = now.line};
  };
  if (sample.when == SampleWhen::baseline) {
    raise(node.rss_baseline, sample.rss);
    raise(node.fds_baseline, sample.fds);
  } else if (sample.when == SampleWhen::end) {
    lower(node.rss_end, sample.rss);
    lower(node.fds_end, sample.fds);
  }
}

void Resources::finish(Findings& findings, const Bounds& bounds) const {
  for (const auto& [name, node] : nodes_) {
    if (!node.rss_baseline || !node.rss_end) continue;
    const auto allowed = static_cast<double>(node.rss_baseline->value) * bounds.rss_factor +
                         static_cast<double>(bounds.rss_margin);
    if (static_cast<double>(node.rss_end->value) > allowed) {
      findings.add(Invariant::resources_return, {node.rss_baseline->line, node.rss_end->line},
                   "node {}: memory was {} bytes and is {} at the end", name,
                   node.rss_baseline->value, node.rss_end->value);
    }
    if (node.fds_end->value > node.fds_baseline->value + bounds.fds_margin) {
      findings.add(Invariant::resources_return, {node.fds_baseline->line, node.fds_end->line},
                   "node {}: descriptors were {} and are {} at the end", name,
                   node.fds_baseline->value, node.fds_end->value);
    }
  }
}

std::map<std::string, ResourceFigures> Resources::figures() const {
  std::map<std::string, ResourceFigures> out;
  for (const auto& [name, node] : nodes_) out.emplace(name, node.peak);
  return out;
}

}  // namespace banter::verify
