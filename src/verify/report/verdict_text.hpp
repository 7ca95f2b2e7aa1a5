// The verdict for people: what holds, what does not and where to look, and the figures. Pure.
#pragma once

#include <string>

#include "verify/check/verdict.hpp"
#include "verify/report/quotes.hpp"

namespace banter::verify {

// Lines with their LF; control characters of the history do not get into it. Below the first
// finding of each invariant its records stand, as far as they are quoted, and what faults there
// were then.
[[nodiscard]] std::string verdict_text(const Verdict& verdict, bool strict,
                                       const Quotes& quotes = {});

}  // namespace banter::verify
