#include "app/import/message_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace banter::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ConversationId conversation{7};

ListedMessage message(std::int64_t id) {
  return {.id = Seq{id},
          .author = UserId{2},
          .at = Micros{id * 1'000'000},
          .text = "m" + std::to_string(id)};
}

// "m5" of a message, "-5" of a number whose message is gone.
std::vector<std::string> shown(const PlannedLog& plan) {
  std::vector<std::string> out;
  for (const auto& event : plan.events) {
    EXPECT_EQ(event.conversation, conversation);
    out.push_back(chat::is_message(event) ? event.payload : "-" + std::to_string(event.seq.value));
  }
  return out;
}

PlannedLog planned(std::vector<ListedMessage> messages, std::int64_t counter,
                   std::optional<Seq> head = {}) {
  return plan_log(conversation, std::move(messages), counter, head).value();
}

TEST(ListedMessage, IsReadAsTheReplacedSystemWroteIt) {
  const auto read = parse_listed_message(
      R"({"id": 12, "user_id": 3, "text": "h\u00e9 \ud83d\ude00", "ts": 1795333971})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, Seq{12});
  EXPECT_EQ(read->author, UserId{3});
  EXPECT_EQ(read->at, Micros{1'795'333'971'000'000});
  EXPECT_EQ(read->text, "h\u00e9 \U0001F600");
}

TEST(ListedMessage, MayHaveAFractionOfASecondAndMembersWeDoNotKnow) {
  const auto read =
      parse_listed_message(R"({"ts": 1.5, "id": 1, "x": [], "user_id": 1, "text": "a"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at, Micros{1'500'000});
}

TEST(ListedMessage, IsRefusedWithTheReasonAndWithoutItsText) {
  const auto why = [](std::string_view entry) { return parse_listed_message(entry).error(); };
  EXPECT_EQ(why(""), "not a JSON object");
  EXPECT_EQ(why("secret"), "not a JSON object");
  EXPECT_EQ(why("[1]"), "not a JSON object");
  EXPECT_EQ(why(R"({"user_id": 1, "text": "a", "ts": 1})"), "no id");
  EXPECT_EQ(why(R"({"id": 0, "user_id": 1, "text": "a", "ts": 1})"), "no id");
  EXPECT_EQ(why(R"({"id": 1.5, "user_id": 1, "text": "a", "ts": 1})"), "no id");
  EXPECT_EQ(why(R"({"id": 99999999999999999999, "user_id": 1, "text": "a", "ts": 1})"), "no id");
  EXPECT_EQ(why(R"({"id": 1, "user_id": "1", "text": "a", "ts": 1})"), "no user_id");
  EXPECT_EQ(why(R"({"id": 1, "user_id": 1, "text": "a", "ts": "now"})"), "no ts");
  EXPECT_EQ(why(R"({"id": 1, "user_id": 1, "text": "a", "ts": -1})"), "no ts");
  EXPECT_EQ(why(R"({"id": 1, "user_id": 1, "text": "a", "ts": 1e300})"), "no ts");
  EXPECT_EQ(why(R"({"id": 1, "user_id": 1, "text": null, "ts": 1})"), "no text");
  EXPECT_EQ(why(R"({"id": 1, "user_id": 1, "text": "", "ts": 1})"), "an empty text");
  const auto long_text = std::string(imported_text_bytes_max + 1, 'x');
  EXPECT_EQ(why(R"({"id": 1, "user_id": 1, "ts": 1, "text": ")" + long_text + "\"}"),
            "a text over 1 MiB");
}

TEST(PlanLog, BeginsWithTheLowestIdAndFillsHoles) {
  const auto plan = planned({message(5), message(4), message(8)}, 8);
  EXPECT_THAT(shown(plan), ElementsAre("m4", "m5", "-6", "-7", "m8"));
  EXPECT_EQ(plan.holes, 2u);
  EXPECT_EQ(plan.events[2].at, message(8).at);
}

TEST(PlanLog, GoesOnBehindTheLargerOfCounterAndLastId) {
  EXPECT_THAT(shown(planned({message(1)}, 3)), ElementsAre("m1", "-2", "-3"));
  EXPECT_THAT(shown(planned({message(2), message(3)}, 1)), ElementsAre("m2", "m3"));
}

TEST(PlanLog, OfAListThatIsGoneBeginsBehindItsCounter) {
  const auto plan = planned({}, 41);
  EXPECT_TRUE(plan.events.empty());
  EXPECT_EQ(plan.next, Seq{42});
  EXPECT_EQ(planned({}, 0).next, Seq{1});
}

TEST(PlanLog, KeepsTheFirstOfSeveralUnderOneNumber) {
  auto second = message(1);
  second.text = "other";
  const auto plan = planned({message(1), second, message(2)}, 2);
  EXPECT_THAT(shown(plan), ElementsAre("m1", "m2"));
  EXPECT_EQ(plan.repeated, 1u);
}

TEST(PlanLog, AddsToALogOnlyWhatIsBehindItsHead) {
  EXPECT_THAT(shown(planned({message(1), message(2), message(4)}, 4, Seq{1})),
              ElementsAre("m2", "-3", "m4"));
  EXPECT_TRUE(planned({message(1)}, 1, Seq{9}).events.empty());
  EXPECT_TRUE(planned({}, 0, Seq{0}).events.empty());
}

TEST(PlanLog, RefusesACounterThatRanAway) {
  const auto why = [](std::int64_t counter) {
    return plan_log(conversation, {message(1)}, counter, {}).error();
  };
  EXPECT_THAT(why(imported_holes_max + 2), HasSubstr("without a message"));
  EXPECT_THAT(why(std::numeric_limits<std::int64_t>::max()), HasSubstr("cannot count"));
  EXPECT_EQ(planned({message(1)}, imported_holes_max + 1).events.size(),
            static_cast<std::size_t>(imported_holes_max) + 1);
}

}  // namespace
}  // namespace banter::app
