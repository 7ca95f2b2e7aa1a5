// Simulation: three nodes and their clients in one thread and in virtual time, over a store and a
// relay that are late, fail, lose, repeat and reorder, with nodes that die. What one seed decides
// happens again with the same seed. The history is judged by the checker of `banter verify`.
#pragma once

#include <cstdint>
#include <string>

#include "simulation/weather.hpp"
#include "verify/check/verdict.hpp"

namespace banter::simulation {

struct Outcome {
  verify::Verdict verdict;
  std::string history;  // as banter verify --check reads it
};

// Throws std::runtime_error if it gets stuck, or if the history makes no sense.
[[nodiscard]] Outcome simulate(std::uint64_t seed, Defect defect = Defect::none);

}  // namespace banter::simulation
