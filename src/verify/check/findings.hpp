// Findings: what was found wrong, counted in full and kept with words and lines for the first few
// of each invariant, so that a hopeless history costs no more than a good one. Owned by a Checker.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "verify/check/invariant.hpp"
#include "verify/history/history_reader.hpp"

namespace banter::verify {

// Where and when the checker is in the history.
struct Moment {
  Line line = 0;
  Instant at{0};
};

struct Finding {
  Invariant invariant = Invariant::acked_is_stored;
  std::string what;
  std::vector<Line> lines;  // of the records that contradict each other, ascending
};

class Findings {
 public:
  explicit Findings(std::size_t examples_max) : examples_max_(examples_max) {}

  // Lines that are 0 are left out.
  template <class... Words>
  void add(Invariant invariant, std::initializer_list<Line> lines,
           fmt::format_string<Words...> format, Words&&... words) {
    if (++counts_[static_cast<std::size_t>(invariant)] > examples_max_) return;
    keep(invariant, lines, fmt::format(format, std::forward<Words>(words)...));
  }

  // Whether add() would keep the words: what is costly to find out may be left out otherwise.
  [[nodiscard]] bool wants(Invariant invariant) const { return count(invariant) < examples_max_; }
  [[nodiscard]] std::uint64_t count(Invariant invariant) const {
    return counts_[static_cast<std::size_t>(invariant)];
  }
  [[nodiscard]] const std::vector<Finding>& kept() const { return kept_; }
  [[nodiscard]] std::vector<Finding> take() { return std::move(kept_); }

 private:
  void keep(Invariant invariant, std::initializer_list<Line> lines, std::string what);

  std::size_t examples_max_;
  std::array<std::uint64_t, invariants_count> counts_{};
  std::vector<Finding> kept_;
};

}  // namespace banter::verify
