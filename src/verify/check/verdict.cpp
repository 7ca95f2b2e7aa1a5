#include "verify/check/verdict.hpp"

namespace banter::verify {

Outcome Verdict::outcome(bool strict) const {
  for (std::size_t i = 0; i < invariants_count; ++i) {
    if (counts[i] > 0 && (strict || !invariants()[i].strict)) return Outcome::violated;
  }
  return undecided.empty() ? Outcome::holds : Outcome::unusable;
}

}  // namespace banter::verify
