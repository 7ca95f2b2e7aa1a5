// Time as the code sees it. Durations are measured on the steady clock; stamps that people see are
// microseconds since the Unix epoch. Pure code takes both as arguments and never asks for them.
#pragma once

#include <chrono>
#include <cstdint>

namespace banter {

using SteadyTime = std::chrono::steady_clock::time_point;

// Microseconds since 1970-01-01 UTC. Informs, never orders.
struct Micros {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(Micros, Micros) = default;
  [[nodiscard]] constexpr std::int64_t unix_seconds() const { return value / 1'000'000; }
};

[[nodiscard]] inline Micros wall_now() {
  return Micros{std::chrono::duration_cast<std::chrono::microseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count()};
}
[[nodiscard]] inline SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

}  // namespace banter
