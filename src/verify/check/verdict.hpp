// Verdict: what the checker has found out about a history. A value; report/ tells it to people and
// to programs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verify/check/findings.hpp"
#include "verify/check/histogram.hpp"
#include "verify/check/resources.hpp"
#include "verify/check/sends.hpp"

namespace banter::verify {

enum class Outcome : std::uint8_t { holds, violated, unusable };

// What was measured in a fault, or beside a rude neighbour.
struct PeriodFigures {
  std::int64_t id = 0;
  std::string what;
  std::string target;
  bool load = false;
  Line line = 0;
  Instant begin{0};
  std::optional<Instant> end;
  Instant recovery{0};  // from its end until the last of what it had held up had come
  Instant no_ack{0};    // the longest that sends waited and nobody got an ack
  LatencyFigures ack;
  LatencyFigures delivery;
};

struct Verdict {
  std::int64_t seed = 0;
  std::string options;
  std::vector<std::string> nodes;

  std::array<std::uint64_t, invariants_count> counts{};  // of violations
  std::vector<Finding> findings;                         // the first few of each
  std::vector<std::string> undecided;                    // why a part could not be checked

  std::uint64_t records = 0;
  Instant duration{0};
  std::uint64_t sockets = 0;
  std::uint64_t messages = 0;    // that were read by anybody
  std::uint64_t deliveries = 0;  // live
  SendFigures sends;
  LatencyFigures ack;  // outside of faults and loads
  LatencyFigures delivery;
  std::vector<PeriodFigures> periods;
  std::map<std::string, ResourceFigures> resources;  // by node

  [[nodiscard]] std::uint64_t count(Invariant invariant) const {
    return counts[static_cast<std::size_t>(invariant)];
  }
  [[nodiscard]] Outcome outcome(bool strict) const;
};

}  // namespace banter::verify
