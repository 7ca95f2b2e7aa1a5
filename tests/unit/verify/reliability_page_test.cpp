// docs/reliability.md is written by hand; here it is compared with the names in the sources, and
// its example is checked.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "unit/verify/told_history.hpp"
#include "verify/check/invariant.hpp"
#include "verify/history/record.hpp"

namespace banter::verify {
namespace {

const std::string& page() {
  static const std::string text = [] {
    std::ifstream file(std::filesystem::path(BANTER_ROOT) / "docs" / "reliability.md");
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }();
  return text;
}

// A row of a table that begins with this name.
bool has_row(std::string_view name) { return page().contains("\n| `" + std::string(name) + "` |"); }

void expect_row(std::string_view name) { EXPECT_TRUE(has_row(name)) << name; }

TEST(ReliabilityPage, TellsEveryInvariantByItsName) {
  for (const auto& invariant : invariants()) expect_row(invariant.name);
}

template <std::size_t... index>
void expect_rows(std::index_sequence<index...>) {
  (expect_row(std::variant_alternative_t<index, Record>::type), ...);
}

TEST(ReliabilityPage, TellsEveryRecordByItsType) {
  expect_rows(std::make_index_sequence<std::variant_size_v<Record>>());
}

TEST(ReliabilityPage, HasAnExampleThatHolds) {
  const std::string begin = "```json\n";
  const auto from = page().find(begin) + begin.size();
  const auto verdict = verdict_of(page().substr(from, page().find("```", from) - from));
  EXPECT_EQ(verdict.outcome(true), Outcome::holds) << told(verdict);
  EXPECT_EQ(verdict.sends.acks, 1u);
}

}  // namespace
}  // namespace banter::verify
