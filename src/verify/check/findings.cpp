#include "verify/check/findings.hpp"

#include <algorithm>

namespace banter::verify {

void Findings::keep(Invariant invariant, std::initializer_list<Line> lines, std::string what) {
  Finding finding{.invariant = invariant, .what = std::move(what), .lines = lines};
  std::erase(finding.lines, Line{0});
  std::ranges::sort(finding.lines);
  const auto repeated = std::ranges::unique(finding.lines);
  finding.lines.erase(repeated.begin(), repeated.end());
  kept_.push_back(std::move(finding));
}

}  // namespace banter::verify
