// Defects: what a server may get wrong. The simulation plays them, and a build with
// -DBANTER_DEFECTS=ON has them, one at a time, by $BANTER_DEFECT: to prove that the checker
// notices. In every other build has_defect() is false already when it is compiled, and nothing of
// them is left.
#pragma once

#include <cstdint>

namespace banter {

enum class Defect : std::uint8_t {
  none,
  ack_before_commit,
  publish_before_commit,
  dedupe_in_memory,         // what another node, or the one before a restart, stored is not known
  numbers_from_a_sequence,  // one that a failed transaction does not give back
  no_head_poll,
  no_subscribe_before_head,  // what is stored between the read and the subscription is missed
  history_from_the_relay,
  commits_not_flushed,
};

#ifdef BANTER_DEFECTS
inline constexpr bool defects_built = true;
// By its name, as above; an unknown one ends the process.
[[nodiscard]] Defect chosen_defect();
#else
inline constexpr bool defects_built = false;
[[nodiscard]] constexpr Defect chosen_defect() { return Defect::none; }
#endif

[[nodiscard]] constexpr bool has_defect(Defect defect) {
  if constexpr (defects_built) return chosen_defect() == defect;
  return false;
}

}  // namespace banter
