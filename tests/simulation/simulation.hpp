// Simulation: three nodes and their clients in one thread and in virtual time, over a store and a
// relay that are late, fail, lose, repeat and reorder, with nodes that die. What one seed decides
// happens again with the same seed. After every step it is judged (judge.hpp), and ends with the
// first thing that is wrong.
#pragma once

#include <cstdint>
#include <string>

#include "simulation/weather.hpp"

namespace banter::simulation {

struct Outcome {
  std::string broken;   // what, and after which step; empty: the promise holds
  std::string history;  // as banter verify --check reads it, until then
};

// Throws std::runtime_error if it gets stuck, or if the history makes no sense.
[[nodiscard]] Outcome simulate(std::uint64_t seed, const Conditions& conditions = {});

}  // namespace banter::simulation
