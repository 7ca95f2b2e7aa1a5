// The simulation, seed after seed. $BANTER_SEEDS: how many (1,000); $BANTER_SEED: only this one.
// A seed that fails prints itself, the verdict, and where its history is.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "simulation/simulation.hpp"

namespace banter::simulation {
namespace {

std::uint64_t number_in(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::stoull(text);
}

void expect_to_hold(std::uint64_t seed, const Conditions& conditions = {}) {
  SCOPED_TRACE("again: BANTER_SEED=" + std::to_string(seed) + " simulation");
  Outcome outcome;
  try {
    outcome = simulate(seed, conditions);
  } catch (const std::runtime_error& stuck) {
    ADD_FAILURE() << stuck.what();
    return;
  }
  if (outcome.broken.empty()) return;
  const auto file = std::filesystem::temp_directory_path() /
                    ("banter-simulation-" + std::to_string(seed) + ".jsonl");
  std::ofstream(file) << outcome.history;
  ADD_FAILURE() << outcome.broken << "its history: " << file;
}

TEST(Simulation, KeepsThePromiseWhateverTheSeed) {
  const auto only = number_in("BANTER_SEED", 0);
  const auto first = only != 0 ? only : 1;
  const auto last = only != 0 ? only : number_in("BANTER_SEEDS", 1'000);
  for (auto seed = first; seed <= last && !HasFailure(); ++seed) expect_to_hold(seed);
}

TEST(Simulation, IsTheSameAgain) { EXPECT_TRUE(simulate(7).history == simulate(7).history); }

// What is stored between the subscription and the read is heard of twice, not never: over a relay
// that loses nothing a server in order needs no poll.
TEST(Simulation, NeedsNoPollWhereNothingIsLost) {
  const Conditions conditions{.defect = Defect::no_head_poll, .relay_loses = false};
  for (std::uint64_t seed = 1; seed <= 50 && !HasFailure(); ++seed)
    expect_to_hold(seed, conditions);
}

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
                    Broken{"NoSubscribeBeforeHead", Defect::no_subscribe_before_head},
                    Broken{"HistoryFromTheRelay", Defect::history_from_the_relay},
                    Broken{"CommitsThatAreNotFlushed", Defect::commits_not_flushed}),
    [](const auto& info) { return info.param.name; });

TEST_P(BrokenServer, IsCaught) {
  // A subscription that comes late shows only where nothing makes up for it.
  const auto defect = GetParam().defect;
  const Conditions conditions{.defect = defect,
                              .relay_loses = defect != Defect::no_subscribe_before_head};
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    if (!simulate(seed, conditions).broken.empty()) return;
  }
  FAIL() << "50 seeds, and nobody noticed";
}

}  // namespace
}  // namespace banter::simulation
