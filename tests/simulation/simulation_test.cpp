// The simulation, seed after seed. $BANTER_SEEDS: how many (1,000); $BANTER_SEED: only this one.
// A seed that fails prints itself, the verdict, and where its history is.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "simulation/simulation.hpp"
#include "verify/report/verdict_text.hpp"

namespace banter::simulation {
namespace {

std::uint64_t number_in(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::stoull(text);
}

// Everything of it fails: in virtual time nothing is late because the machine is busy.
void expect_to_hold(std::uint64_t seed) {
  SCOPED_TRACE("again: BANTER_SEED=" + std::to_string(seed) + " simulation");
  Outcome outcome;
  try {
    outcome = simulate(seed);
  } catch (const std::runtime_error& stuck) {
    ADD_FAILURE() << stuck.what();
    return;
  }
  if (outcome.verdict.outcome(true) == verify::Outcome::holds) return;
  const auto file = std::filesystem::temp_directory_path() /
                    ("banter-simulation-" + std::to_string(seed) + ".jsonl");
  std::ofstream(file) << outcome.history;
  ADD_FAILURE() << verify::verdict_text(outcome.verdict, true) << "its history: " << file;
}

TEST(Simulation, KeepsThePromiseWhateverTheSeed) {
  const auto only = number_in("BANTER_SEED", 0);
  const auto first = only != 0 ? only : 1;
  const auto last = only != 0 ? only : number_in("BANTER_SEEDS", 1'000);
  for (auto seed = first; seed <= last && !HasFailure(); ++seed) expect_to_hold(seed);
}

TEST(Simulation, IsTheSameAgain) { EXPECT_TRUE(simulate(7).history == simulate(7).history); }

struct Broken {
  const char* name;
  Defect defect;
};
class BrokenServer : public testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(
    Of, BrokenServer,
    testing::Values(Broken{"AckBeforeCommit", Defect::ack_before_commit},
                    Broken{"PublishBeforeCommit", Defect::publish_before_commit},
                    Broken{"DedupeInMemory", Defect::dedupe_in_memory},
                    Broken{"NumbersFromASequence", Defect::numbers_from_a_sequence},
                    Broken{"NoHeadPoll", Defect::no_head_poll},
                    Broken{"HistoryFromTheRelay", Defect::history_from_the_relay},
                    Broken{"CommitsThatAreNotFlushed", Defect::loses_the_tail}),
    [](const auto& info) { return info.param.name; });

TEST_P(BrokenServer, IsCaught) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto outcome = simulate(seed, GetParam().defect);
    if (outcome.verdict.outcome(true) == verify::Outcome::violated) return;
  }
  FAIL() << "20 seeds, and nobody noticed";
}

}  // namespace
}  // namespace banter::simulation
