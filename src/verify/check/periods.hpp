// Periods: the faults of a run and its rude neighbours, what was measured in each of them and what
// outside of all, and whom a fault excuses for being late. Owned by a Checker.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verify/check/epochs.hpp"
#include "verify/check/findings.hpp"
#include "verify/check/histogram.hpp"
#include "verify/history/record.hpp"

namespace banter::verify {

// A node of the run, by its place among them.
using NodeNumber = std::uint32_t;

struct Period {
  std::int64_t id = 0;
  std::string what;
  std::string target;  // of a fault
  bool load = false;   // a rude neighbour, no fault
  bool failover = false;
  Declared epoch;
  std::optional<NodeNumber> node;  // the only one it concerns
  Line line = 0;
  Instant begin{0};
  std::optional<Instant> end;
  Instant recovered{0};  // when the last of what it had held up had come; 0: it held up nothing
  Instant no_ack{0};     // the longest that sends waited and nobody got an ack
  Histogram ack;
  Histogram delivery;
};

enum class Measured : std::uint8_t { ack, delivery };

class Periods {
 public:
  explicit Periods(std::vector<std::string> nodes) : nodes_(std::move(nodes)) {}

  // The error says why the record makes no sense.
  [[nodiscard]] std::expected<void, std::string> begin(const FaultBegun& fault, Moment now);
  [[nodiscard]] std::expected<const Period*, std::string> end(const FaultEnded& fault, Moment now);
  [[nodiscard]] std::expected<void, std::string> begin(const LoadBegun& load, Moment now);
  [[nodiscard]] std::expected<void, std::string> end(const LoadEnded& load, Moment now);

  [[nodiscard]] std::optional<NodeNumber> node(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& nodes() const { return nodes_; }

  // From when on something that began at `origin` could go its way without a fault in it: the later
  // of origin and the end of the last fault; nullopt while one lasts.
  [[nodiscard]] std::optional<Instant> calm_since(Instant origin) const;
  // The same for what happens at one node.
  [[nodiscard]] std::optional<Instant> calm_since(Instant origin, NodeNumber node) const;
  // How long sends may take in this calm.
  [[nodiscard]] bool failover_since(Instant origin) const { return failover_end_ >= origin; }

  // Something took from `begun` to `ended`.
  void measure(Measured what, Instant begun, Instant ended);
  // What was held up since `origin` has just come.
  void arrived(Instant origin, Instant now);
  // Sends waited in vain from `begun` to `ended`.
  void no_ack(Instant begun, Instant ended);

  [[nodiscard]] const Histogram& healthy(Measured what) const {
    return what == Measured::ack ? healthy_ack_ : healthy_delivery_;
  }
  [[nodiscard]] const std::deque<Period>& all() const { return periods_; }

 private:
  using Ids = boost::unordered_flat_map<std::int64_t, std::size_t>;
  [[nodiscard]] std::expected<void, std::string> open(Ids& ids, Period period);
  [[nodiscard]] std::expected<Period*, std::string> close(Ids& ids, std::int64_t id, Moment now);
  template <class Visit>
  bool for_each_within(Instant begun, bool load, Visit visit);

  std::vector<std::string> nodes_;
  std::deque<Period> periods_;
  Ids faults_;  // those that last, by number
  Ids loads_;
  std::vector<std::size_t> ended_;  // faults and loads, as they ended
  std::int64_t everywhere_ = 0;     // faults that last and concern all nodes
  std::vector<std::int64_t> at_;    // those that concern one, by node
  Instant last_end_{Instant::min()};
  Instant everywhere_end_{Instant::min()};
  std::vector<Instant> end_at_;
  Instant failover_end_{Instant::min()};
  Histogram healthy_ack_;
  Histogram healthy_delivery_;
};

}  // namespace banter::verify
