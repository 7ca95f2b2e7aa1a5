// The verdict for people: what holds, what does not and where to look, and the figures. Pure.
#pragma once

#include <string>

#include "verify/check/verdict.hpp"

namespace banter::verify {

// Lines with their LF; control characters of the history do not get into it.
[[nodiscard]] std::string verdict_text(const Verdict& verdict, bool strict);

}  // namespace banter::verify
