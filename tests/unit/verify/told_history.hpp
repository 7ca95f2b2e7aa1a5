// The hand-written histories of histories/: one claim each, as a comment, and the records that
// follow histories/prologue.jsonl. Lines with - are only in the bad variant, lines with + only in
// the good one. Values.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "verify/check/verdict.hpp"

namespace banter::verify {

struct ToldHistory {
  std::string name;  // of the file: the invariant that the bad variant violates, or "good"
  std::string bad;
  std::string good;
};

[[nodiscard]] std::vector<std::filesystem::path> told_histories();
[[nodiscard]] ToldHistory read_told_history(const std::filesystem::path& file);

// Fails the test if the text is no history.
[[nodiscard]] Verdict verdict_of(const std::string& history);
// The names of what is violated, strictly.
[[nodiscard]] std::vector<std::string> violated(const Verdict& verdict);
// What was found, for messages of tests.
[[nodiscard]] std::string told(const Verdict& verdict);

}  // namespace banter::verify
