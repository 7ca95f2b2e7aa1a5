#include "app/admin_protocol.hpp"

#include <gtest/gtest.h>

namespace banter::app {
namespace {

namespace json = boost::json;
using Kind = AdminAnswer::Kind;

// Kind of the answer to a line that is no question; `ok` when it is one.
Kind judged(std::string_view line) {
  const auto question = read_question(line);
  return question ? Kind::ok : question.error().kind;
}

TEST(AdminProtocol, ReadsWhatItWrites) {
  const json::object question{{"command", "user_show"}, {"user", "a\nb\"\xC3\xA9"}};
  auto line = question_line(question);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  line.pop_back();
  EXPECT_EQ(*read_question(line), question);

  for (const auto& answer :
       {AdminAnswer::ok(json::array{1, 2}), AdminAnswer::refused("no\nsuch user"),
        AdminAnswer::usage("what?"), AdminAnswer::unavailable("disk full")}) {
    auto text = answer_line(answer);
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    text.pop_back();
    const auto read = read_answer(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->kind, answer.kind);
    EXPECT_EQ(read->error, answer.error);
    EXPECT_EQ(read->result, answer.result);
  }
}

TEST(AdminProtocol, AnswersUsageToWhatIsNoQuestion) {
  for (const auto* line : {"", "{", "[]", "null", "\"user_list\"", "{}", R"({"command":1})",
                           R"({"command":"x"} {})", "{\"command\":\"\xff\"}"}) {
    EXPECT_EQ(judged(line), Kind::usage) << line;
  }
  EXPECT_EQ(judged(std::string(100'000, '[')), Kind::usage);
  EXPECT_EQ(judged(std::string(100, '[')), Kind::usage);
  EXPECT_EQ(judged(R"({"command":"x"})"), Kind::ok);
}

TEST(AdminProtocol, RefusesALineOverItsLimit) {
  const std::string padding(admin_line_bytes_max, 'x');
  EXPECT_EQ(judged(R"({"command":"user_show","user":")" + padding + "\"}"), Kind::usage);
}

TEST(AdminProtocol, NeverWritesALineOverItsLimit) {
  const auto line = answer_line(AdminAnswer::ok(json::string(admin_line_bytes_max, 'x')));
  EXPECT_LE(line.size(), admin_line_bytes_max);
  EXPECT_EQ(read_answer(line.substr(0, line.size() - 1))->kind, Kind::unavailable);
}

TEST(AdminProtocol, KnowsAnAnswerFromSomethingElse) {
  for (const auto* line :
       {"", "HTTP/1.1 400 Bad Request", "{}", R"({"ok":1})", R"({"ok":false})",
        R"({"ok":false,"kind":"odd","error":"x"})", R"({"ok":false,"kind":"refused"})"}) {
    EXPECT_FALSE(read_answer(line)) << line;
  }
}

}  // namespace
}  // namespace banter::app
