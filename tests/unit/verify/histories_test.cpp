// Every history of histories/: the bad variant violates the one invariant that it is named after,
// the good one none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "unit/verify/told_history.hpp"

namespace banter::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ToldHistories : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ToldHistories, TheGoodVariantHolds) {
  const auto told_history = read_told_history(GetParam());
  const auto verdict = verdict_of(told_history.good);
  EXPECT_THAT(violated(verdict), IsEmpty()) << told(verdict);
  EXPECT_EQ(verdict.outcome(true), Outcome::holds) << told(verdict);
}

TEST_P(ToldHistories, TheBadVariantViolatesExactlyItsInvariantAndIsToldWhere) {
  const auto told_history = read_told_history(GetParam());
  if (told_history.name == "good") return;
  const auto verdict = verdict_of(told_history.bad);
  EXPECT_THAT(violated(verdict), ElementsAre(told_history.name)) << told(verdict);
  EXPECT_EQ(verdict.outcome(true), Outcome::violated);
  ASSERT_FALSE(verdict.findings.empty());
  for (const auto& finding : verdict.findings) {
    EXPECT_FALSE(finding.what.empty());
    EXPECT_FALSE(finding.lines.empty());
    EXPECT_TRUE(std::ranges::is_sorted(finding.lines));
  }
}

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& file) {
  auto name = file.param.stem().string();
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, ToldHistories, testing::ValuesIn(told_histories()), name_of);

TEST(ToldHistory, ThereIsABadOneForEveryInvariant) {
  std::set<std::string> names;
  for (const auto& file : told_histories()) names.insert(read_told_history(file).name);
  for (const auto& invariant : invariants()) {
    EXPECT_TRUE(names.contains(std::string(invariant.name))) << invariant.name;
  }
}

// Which records contradict each other: in the words of each case.
TEST(ToldHistory, NamesTheRecordsThatContradictEachOther) {
  const std::map<std::string, std::vector<Line>> cases{
      {"acked_is_stored.nothing_there", {10, 11, 12}},   // sent, acknowledged, read at the end
      {"stored_once.by_its_acks", {8, 9, 12}},           // sent, one ack, the other ack
      {"one_message_per_seq.two_nodes", {10, 13}},       // read here, read there
      {"socket_order.at_the_seam", {10, 11}},            // brought, brought again
      {"resume_joins.a_gap", {13, 14}},                  // asked, answered
      {"sender_order", {8, 9, 10, 11}},                  // sent, sent, acknowledged, acknowledged
      {"read_has_acked.by_http", {9, 10, 11}},           // acknowledged, asked, answered
      {"ack_orders_sends", {11, 12, 14}},                // acknowledged, sent, read
      {"members_only.after_a_removal", {8, 11, 13}},     // connected, removed, told
      {"no_ack_without_store.sent_within", {8, 9, 10}},  // out, sent, acknowledged
      {"epoch_moves_forward.and_back", {12, 13, 14}}};   // the new one seen, asked, answered
  std::map<std::string, std::vector<Line>> found;
  for (const auto& file : told_histories()) {
    const auto name = file.stem().string();
    if (!cases.contains(name)) continue;
    found[name] = verdict_of(read_told_history(file).bad).findings.front().lines;
  }
  EXPECT_EQ(found, cases);
}

}  // namespace
}  // namespace banter::verify
