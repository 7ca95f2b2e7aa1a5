// Resources: memory and descriptors of each node, from its samples. Owned by a Checker.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "verify/check/bounds.hpp"
#include "verify/check/findings.hpp"
#include "verify/history/record.hpp"

namespace banter::verify {

struct ResourceFigures {
  std::int64_t rss_peak = 0;  // bytes
  std::int64_t fds_peak = 0;
};

class Resources {
 public:
  void take(const Sample& sample, Moment now);
  void finish(Findings& findings, const Bounds& bounds) const;
  [[nodiscard]] std::map<std::string, ResourceFigures> figures() const;

 private:
  struct Level {
    std::int64_t value = 0;
    Line line = 0;
  };
  struct Node {
    ResourceFigures peak;
    std::optional<Level> rss_baseline;  // the highest of them
    std::optional<Level> fds_baseline;
    std::optional<Level> rss_end;  // the lowest of them
    std::optional<Level> fds_end;
  };
  std::map<std::string, Node, std::less<>> nodes_;
};

}  // namespace banter::verify
