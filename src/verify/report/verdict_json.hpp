// The verdict as JSON, for programs; its members are in docs/reliability.md. Pure.
#pragma once

#include <string>
#include <string_view>

#include "verify/check/verdict.hpp"

namespace banter::verify {

// One object, with its LF.
[[nodiscard]] std::string verdict_json(const Verdict& verdict, bool strict);
// The same for what could not be checked at all.
[[nodiscard]] std::string bad_history_json(const BadHistory& bad);

[[nodiscard]] std::string_view word_of(Outcome outcome);

}  // namespace banter::verify
