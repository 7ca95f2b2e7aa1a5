// Correct histories of any seed hold; with a single lie in them, none does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "unit/verify/correct_run.hpp"
#include "unit/verify/mutations.hpp"
#include "unit/verify/told_history.hpp"

namespace banter::verify {
namespace {

using testing::IsEmpty;

constexpr std::uint32_t seeds = 120;

TEST(Checker, FindsNothingInCorrectHistories) {
  SendFigures sum;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    const auto verdict = verdict_of(CorrectRun(seed).write());
    ASSERT_THAT(violated(verdict), IsEmpty()) << "seed " << seed << ":\n" << told(verdict);
    ASSERT_EQ(verdict.outcome(true), Outcome::holds) << "seed " << seed << ": " << told(verdict);
    sum.acks += verdict.sends.acks;
    sum.unknown += verdict.sends.unknown;
  }
  EXPECT_GT(sum.acks, seeds * 50u);
  EXPECT_GT(sum.unknown, 0u);
}

TEST(Checker, FindsEveryLie) {
  for (const auto& mutation : mutations()) {
    std::uint32_t told_lies = 0;
    for (std::uint32_t seed = 1; seed <= seeds / 4; ++seed) {
      std::mt19937 generator(seed);
      const auto history = mutation.apply(CorrectRun(seed).write(), generator);
      if (!history) continue;
      ++told_lies;
      const auto verdict = verdict_of(*history);
      ASSERT_EQ(verdict.outcome(false), Outcome::violated)
          << "seed " << seed << ": nobody noticed: " << mutation.name;
    }
    EXPECT_GT(told_lies, seeds / 8) << mutation.name << " could hardly ever be told";
  }
}

}  // namespace
}  // namespace banter::verify
