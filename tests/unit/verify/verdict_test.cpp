// What is told of a history: the outcome, the figures, and both reports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <sstream>
#include <string>

#include "unit/verify/correct_run.hpp"
#include "unit/verify/told_history.hpp"
#include "verify/check/checker.hpp"
#include "verify/report/verdict_json.hpp"
#include "verify/report/verdict_text.hpp"

namespace banter::verify {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

ToldHistory told_history(const std::string& name) {
  for (const auto& file : told_histories()) {
    if (file.stem() == name) return read_told_history(file);
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(Verdict, FailsOnWhatIsLateOnlyWhereStrictnessIsAskedFor) {
  const auto verdict = verdict_of(told_history("sends_succeed").bad);
  EXPECT_EQ(verdict.outcome(false), Outcome::holds);
  EXPECT_EQ(verdict.outcome(true), Outcome::violated);
  EXPECT_THAT(
      verdict_text(verdict, false),
      AllOf(HasSubstr("the promise holds"), HasSubstr("1 late"), HasSubstr("sends_succeed: ")));
  EXPECT_THAT(verdict_text(verdict, true),
              AllOf(HasSubstr("THE PROMISE IS BROKEN"), HasSubstr("1 BAD")));
}

TEST(Verdict, IsUnusableWhereTheHistoryDoesNotTell) {
  const std::string good = CorrectRun(1).write();
  const auto without_end = verdict_of(good.substr(0, good.rfind("{\"at\"")));
  EXPECT_EQ(without_end.outcome(false), Outcome::unusable);
  EXPECT_THAT(without_end.undecided, ElementsAre("the history stops before the run's end"));
  std::istringstream lines(good);
  std::string without_final;
  for (std::string line; std::getline(lines, line);) {
    if (!line.contains(R"("type":"final","conversation":2)")) without_final += line + "\n";
  }
  const auto verdict = verdict_of(without_final);
  EXPECT_EQ(verdict.outcome(false), Outcome::unusable);
  EXPECT_THAT(verdict.undecided, ElementsAre("conversation 2 was not read completely at the end"));
  EXPECT_THAT(verdict_text(verdict, false),
              HasSubstr("nothing is broken, but not everything could be checked"));
}

TEST(Verdict, TellsTheFigures) {
  const auto verdict = verdict_of(told_history("good.faults_and_outages").good);
  EXPECT_EQ(verdict.sends.sends, 3u);
  EXPECT_EQ(verdict.sends.client_ids, 2u);
  EXPECT_EQ(verdict.sends.acks, 2u);
  EXPECT_EQ(verdict.sends.unknown, 0u);
  EXPECT_EQ(verdict.messages, 2u);
  EXPECT_EQ(verdict.deliveries, 2u);
  EXPECT_EQ(verdict.sockets, 3u);
  ASSERT_EQ(verdict.periods.size(), 2u);
  const auto& outage = verdict.periods.front();
  EXPECT_EQ(outage.what, "cut off");
  EXPECT_EQ(outage.end, Instant{9'000'001});
  EXPECT_EQ(outage.recovery, Instant{500'000}) << "the ack of the second send";
  EXPECT_EQ(outage.no_ack, Instant{9'499'801}) << "since the second was sent";
  EXPECT_EQ(outage.ack.count, 2u);
  EXPECT_EQ(outage.ack.max, Instant{9'499'801});
  EXPECT_EQ(verdict.periods.back().recovery, Instant{200'000}) << "client 1 is back";
  EXPECT_EQ(verdict.ack.count, 0u) << "both acks were in a fault";
}

TEST(Verdict, KeepsAFewExamplesAndCountsTheRest) {
  std::string history = told_history("good.a_restored_backup").good;
  history = history.substr(0, history.find("{\"at\":30,"));
  for (int i = 1; i <= 9; ++i) {
    history += R"({"at":50,"type":"ack","socket":1,"client_id":"c","seq":1,"ts":1,"epoch":"e1"})"
               "\n";
  }
  const auto verdict = verdict_of(history);
  EXPECT_EQ(verdict.count(Invariant::resend_same_ack), 9u);
  EXPECT_EQ(verdict.findings.size(), Bounds{}.examples_max);
  EXPECT_THAT(verdict_text(verdict, false), HasSubstr("and 4 more"));
}

TEST(Verdict, QuotesTheRecordsAndNamesTheFaultsOfThatTime) {
  std::string history = told_history("good.a_restored_backup").good;
  history = history.substr(0, history.find("{\"at\":30,"));
  const std::string ack =
      R"({"at":50,"type":"ack","socket":1,"client_id":"c","seq":1,"ts":1,"epoch":"e1"})";
  history += R"({"at":40,"type":"fault","fault":9,"what":"killed","target":"a"})"
             "\n" +
             ack + "\n" + ack + "\n";
  const auto verdict = verdict_of(history);
  std::istringstream again(history);
  const auto text = verdict_text(verdict, false, quotes_for(verdict, again));
  EXPECT_THAT(text, HasSubstr(" " + ack + "\n"));
  EXPECT_THAT(text, HasSubstr("    while: killed of a, from 40 us\n"));
  EXPECT_THAT(verdict_text(verdict, false), Not(HasSubstr("while: ")));
}

TEST(VerdictJson, HasWhatTheManualPromises) {
  const auto verdict = verdict_of(told_history("socket_order.a_gap").bad);
  const auto report = json::parse(verdict_json(verdict, true)).as_object();
  EXPECT_EQ(report.at("report"), json::value("banter-verdict"));
  EXPECT_EQ(report.at("version"), json::value(1));
  EXPECT_EQ(report.at("verdict"), json::value("violated"));
  EXPECT_EQ(report.at("strict"), json::value(true));
  EXPECT_EQ(report.at("invariants").as_array().size(), invariants_count);
  const auto& bad = report.at("invariants").at(5).as_object();
  EXPECT_EQ(bad.at("name"), json::value("socket_order"));
  EXPECT_EQ(bad.at("violations"), json::value(1));
  EXPECT_EQ(bad.at("examples").at(0).at("lines"), json::value({7, 10}));
  EXPECT_EQ(report.at("figures").at("gaps"), json::value(1));
  const auto none = json::parse(bad_history_json({.line = 3, .why = "because"})).as_object();
  EXPECT_EQ(none.at("verdict"), json::value("unusable"));
  EXPECT_EQ(none.at("undecided"), json::value(json::array{"because"}));
}

TEST(VerdictText, LetsNothingOfTheHistoryControlTheTerminal) {
  std::string history = told_history("good.faults_and_outages").good;
  history.replace(history.find("cut off"), 7, R"(cut\u001b[2J\noff)");
  EXPECT_THAT(verdict_text(verdict_of(history), false),
              AllOf(HasSubstr("cut?[2J?off"), Not(HasSubstr("\x1b"))));
}

TEST(Histogram, IsRightWithinThreeInAHundred) {
  Histogram histogram;
  EXPECT_EQ(histogram.figures().p99, Instant{0});
  for (std::int64_t us = 1; us <= 100'000; ++us) histogram.add(Instant{us});
  const auto figures = histogram.figures();
  EXPECT_EQ(figures.count, 100'000u);
  EXPECT_NEAR(static_cast<double>(figures.p50.count()), 50'000, 1'600);
  EXPECT_NEAR(static_cast<double>(figures.p99.count()), 99'000, 3'100);
  EXPECT_EQ(figures.max, Instant{100'000});
  histogram.add(std::chrono::hours{1000});
  EXPECT_EQ(histogram.figures().max, std::chrono::hours{1000});
}

}  // namespace
}  // namespace banter::verify
