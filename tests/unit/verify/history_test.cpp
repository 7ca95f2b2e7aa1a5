// Whole histories: what the recorder writes the reader gives back, and files that are no history,
// or a broken one, are refused with the line and the reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include "base/unavailable.hpp"
#include "verify/check/checker.hpp"
#include "verify/history/history_reader.hpp"
#include "verify/history/recorder.hpp"

namespace banter::verify {
namespace {

using testing::HasSubstr;

const std::string run =
    R"({"at":0,"type":"run","format":"banter-history","version":1,"nodes":["a"]})"
    "\n";
const std::string user = R"({"at":5,"type":"user","user":1})"
                         "\n";
const std::string end = R"({"at":9,"type":"end"})"
                        "\n";

TEST(Recorder, WritesInLargePieces) {
  std::ostringstream out;
  Recorder recorder(out);
  recorder.write(Instant{0}, UserMade{UserId{1}});
  EXPECT_TRUE(out.str().empty());
  std::size_t written = 1;
  while (out.str().empty()) {
    recorder.write(Instant{1}, UserMade{UserId{1}});
    ++written;
  }
  EXPECT_GE(out.str().size(), std::size_t{256} * 1024);
  recorder.write(Instant{1}, End{});
  recorder.flush();
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(out.str(), '\n')), written + 1);
}

TEST(Recorder, SaysSoWhenItCannotWrite) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  Recorder recorder(out);
  recorder.write(Instant{0}, End{});
  EXPECT_THROW(recorder.flush(), Unavailable);
}

TEST(HistoryReader, GivesRecordByRecordWithItsLine) {
  std::istringstream in(run + user + end);
  HistoryReader reader(in);
  for (Line line = 1; line <= 3; ++line) {
    const auto next = reader.next();
    ASSERT_TRUE(next && *next);
    EXPECT_EQ(reader.line(), line);
  }
  const auto last = reader.next();
  ASSERT_TRUE(last);
  EXPECT_FALSE(*last);
}

TEST(HistoryReader, TakesLinesLongerThanItsBuffer) {
  std::string options(std::size_t{3} * 1024 * 1024, 'x');
  std::istringstream in(run.substr(0, run.size() - 2) + R"(,"options":")" + options + "\"}\n" +
                        end);
  HistoryReader reader(in);
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(std::get<verify::Run>((*first)->record).options, options);
  const auto second = reader.next();
  EXPECT_TRUE(second && *second);
}

TEST(HistoryReader, RefusesWhatIsNoHistoryWithItsLineAndTheReason) {
  struct Refusal {
    std::string text;
    Line line;
    std::string why;
  };
  const std::string v2 =
      R"({"at":0,"type":"run","format":"banter-history","version":2,"nodes":[]})";
  const std::string other = R"({"at":0,"type":"run","format":"jepsen","version":1,"nodes":[]})";
  for (const auto& refusal : std::vector<Refusal>{
           {"", 0, "the file is empty"},
           {"hello\n", 1, "this is not a history"},
           {"{}\n", 1, "this is not a history"},
           {user, 1, "this is not a history"},
           {other + "\n", 1, "this is not a history"},
           {v2 + "\n", 1, "this is version 2 of the format, and only 1 is known"},
           {run + "x\n", 2, "this is not JSON"},
           {run + "\n", 2, "this is not JSON"},
           {run + run, 2, "a second run begins"},
           {run + user.substr(0, 9), 2, "the last line is cut off"},
           {run + user + R"({"at":4,"type":"end"})" + "\n", 3, "time goes back, from 5 to 4"},
           {run + std::string(HistoryReader::line_bytes_max + 1, ' '), 2,
            "the line is too long"}}) {
    std::istringstream in(refusal.text);
    const auto verdict = check(in, {});
    ASSERT_FALSE(verdict) << refusal.why;
    EXPECT_EQ(verdict.error().line, refusal.line) << refusal.why;
    EXPECT_THAT(verdict.error().why, HasSubstr(refusal.why));
  }
}

// What the records say of each other must make sense, or a lost record would check nothing.
TEST(Checker, RefusesRecordsThatMakeNoSenseWhereTheyStand) {
  const std::string people = run + user +
                             R"({"at":6,"type":"conversation","conversation":7,"members":[1]})"
                             "\n";
  const std::string connect =
      R"({"at":7,"type":"connect","socket":1,"client":1,"user":1,"conversation":7,"node":"a"})"
      "\n";
  const std::map<std::string, std::string> cases{
      {people + R"({"at":7,"type":"user","user":1})", "there is a user 1 already"},
      {people + R"({"at":7,"type":"conversation","conversation":7,"members":[]})",
       "there is a conversation 7 already"},
      {people + R"({"at":7,"type":"refused","socket":1,"status":403})", "socket 1 is not open"},
      {people + connect + R"({"at":8,"type":"close","socket":1,"code":0,"by":"client"})" + "\n" +
           R"({"at":8,"type":"send","socket":1,"text":""})",
       "socket 1 is not open"},
      {people + connect + connect.substr(0, connect.size() - 1), "socket 1 is open already"},
      {run + user + connect.substr(0, connect.size() - 1), "there is no conversation 7 yet"},
      {people + R"({"at":7,"type":"conversation","conversation":8,"members":[2]})",
       "there is no user 2 yet"},
      {people + R"({"at":7,"type":"change","call":1,"what":"remove","user":1})",
       "there is no conversation 0 yet"},
      {people + R"({"at":7,"type":"final","conversation":8,"node":"a","epoch":"e","head":0,)"
                R"("messages":[],"more":false})",
       "there is no conversation 8 yet"},
      {people + R"({"at":7,"type":"connect","socket":1,"client":1,"user":2,"conversation":7,)"
                R"("node":"a"})",
       "there is no user 2 yet"},
      {people + R"({"at":7,"type":"connect","socket":1,"client":1,"user":1,"conversation":7,)"
                R"("node":"z"})",
       R"(the run has no node "z")"},
      {people + R"({"at":7,"type":"result","call":1,"status":200})", "no read with call 1"},
      {people + R"({"at":7,"type":"changed","call":1,"done":true})", "no change with call 1"},
      {people + R"({"at":7,"type":"fault_end","fault":1})", "number 1 has not begun"},
      {people + R"({"at":7,"type":"load_end","load":1})", "number 1 has not begun"},
      {people + R"({"at":7,"type":"outage_end"})", "the store is not out"},
      {people + end + R"({"at":10,"type":"end"})", "the run has ended"}};
  for (const auto& [text, why] : cases) {
    std::istringstream in(text + "\n");
    const auto verdict = check(in, {});
    ASSERT_FALSE(verdict) << why;
    EXPECT_EQ(verdict.error().line, static_cast<Line>(std::ranges::count(text, '\n') + 1)) << why;
    EXPECT_THAT(verdict.error().why, HasSubstr(why));
  }
}

}  // namespace
}  // namespace banter::verify
