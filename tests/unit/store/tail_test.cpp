#include "store/sqlite/tail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace banter::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ConversationId talk{7};

std::vector<chat::Event> events(ConversationId conversation, std::int64_t from, std::int64_t to) {
  std::vector<chat::Event> made;
  for (auto seq = from; seq <= to; ++seq) {
    made.push_back({.conversation = conversation,
                    .seq = Seq{seq},
                    .author = UserId{1},
                    .kind = chat::EventKind::message,
                    .payload = std::to_string(seq),
                    .client_id = {},
                    .at = Micros{1}});
  }
  return made;
}

std::vector<std::int64_t> seqs(const std::optional<Tail::Part>& part) {
  std::vector<std::int64_t> found;
  for (const auto& event : part->events) found.push_back(event.seq.value);
  return found;
}

TEST(Tail, KnowsNothingOfALogThatIsNotThere) {
  const Tail tail;
  EXPECT_FALSE(tail.read(talk, {.count = 10}).has_value());
  EXPECT_EQ(tail.head(talk), Seq{0});
  EXPECT_TRUE(tail.events(talk).empty());
}

TEST(Tail, ReadsTheRangeFromEitherEnd) {
  Tail tail;
  tail.change(events(talk, 11, 20), {});
  EXPECT_THAT(seqs(tail.read(talk, {.count = 3})), ElementsAre(11, 12, 13));
  EXPECT_THAT(seqs(tail.read(talk, {.count = 3, .newest = true})), ElementsAre(18, 19, 20));
  EXPECT_THAT(seqs(tail.read(talk, {.after = Seq{14}, .before = Seq{17}, .count = 9})),
              ElementsAre(15, 16));
  EXPECT_THAT(seqs(tail.read(talk, {.after = Seq{5}, .before = Seq{12}, .count = 9})),
              ElementsAre(11));
  EXPECT_THAT(seqs(tail.read(talk, {.after = Seq{19}, .before = Seq{99}, .count = 9})),
              ElementsAre(20));
  EXPECT_THAT(seqs(tail.read(talk, {.after = Seq{20}, .count = 9})), IsEmpty());
  EXPECT_THAT(seqs(tail.read(talk, {.before = Seq{11}, .count = 9})), IsEmpty());
  EXPECT_THAT(seqs(tail.read(talk, {.after = Seq{16}, .before = Seq{13}, .count = 9})), IsEmpty());
  EXPECT_THAT(seqs(tail.read(talk, {.count = 0})), IsEmpty());
}

TEST(Tail, SaysWhereItBeginsAndEnds) {
  Tail tail;
  tail.change(events(talk, 11, 20), {});
  const auto part = tail.read(talk, {.after = Seq{14}, .count = 1});
  EXPECT_EQ(part->first, Seq{11});
  EXPECT_EQ(part->head, Seq{20});
  EXPECT_EQ(tail.head(talk), Seq{20});
  const std::vector<ConversationId> asked{ConversationId{1}, talk};
  EXPECT_THAT(tail.heads(asked), ElementsAre(Seq{0}, Seq{20}));
}

TEST(Tail, LosesThePartThatWentAndCountsWhatIsLeft) {
  Tail tail;
  tail.change(events(talk, 1, 10), {});
  tail.change(events(ConversationId{3}, 1, 2), {});
  EXPECT_EQ(tail.size(), 12u);
  ASSERT_EQ(tail.logs().size(), 2u);
  EXPECT_EQ(tail.logs()[0].conversation, ConversationId{3});
  EXPECT_EQ(tail.logs()[1].conversation, talk);
  EXPECT_EQ(tail.logs()[1].up_to, Seq{10});
  const std::vector<LogPart> gone{{.conversation = talk, .up_to = Seq{4}},
                                  {.conversation = ConversationId{3}, .up_to = Seq{2}}};
  tail.change(events(talk, 11, 11), gone);
  EXPECT_EQ(tail.size(), 7u);
  EXPECT_EQ(tail.bytes(), 7 * sizeof(chat::Event) + 5 * 1 + 2 * 2);
  EXPECT_THAT(seqs(tail.read(talk, {.count = 2})), ElementsAre(5, 6));
  EXPECT_EQ(tail.logs().size(), 1u);
}

}  // namespace
}  // namespace banter::store
