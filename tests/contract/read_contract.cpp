// ConversationStore: reading logs, access and heads.
#include <numeric>
#include <string>

#include "contract/store_contract.hpp"

namespace banter::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Read : public StoreContract {
 protected:
  UserId ann_ = user("ann@example.org");
  UserId bob_ = user("bob@example.org");
  ConversationId talk_ = conversation(ann_);

  std::vector<std::string> texts(chat::Range range) { return payloads(read(talk_, range)); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Read, testing::ValuesIn(all_stores()), name_of);

TEST_P(Read, AnEmptyLogStandsBeforeItsFirstEvent) {
  const auto stretch = read(talk_);
  EXPECT_THAT(stretch.events, IsEmpty());
  EXPECT_EQ(stretch.first, Seq{1});
  EXPECT_EQ(stretch.head, Seq{0});
}

TEST_P(Read, ACountOfNoneAsksWhereTheLogStands) {
  fill(talk_, ann_, 3);
  const auto stretch = read(talk_, {});
  EXPECT_THAT(stretch.events, IsEmpty());
  EXPECT_EQ(stretch.first, Seq{1});
  EXPECT_EQ(stretch.head, Seq{3});
}

TEST_P(Read, AnUnknownConversationReadsAsAnEmptyLog) {
  for (const std::int64_t id : {99, 0, -1}) {
    const auto stretch = read(ConversationId{id});
    EXPECT_THAT(stretch.events, IsEmpty());
    EXPECT_EQ(stretch.first, Seq{1});
    EXPECT_EQ(stretch.head, Seq{0});
  }
}

TEST_P(Read, BothBoundsAreExclusive) {
  fill(talk_, ann_, 10);
  EXPECT_THAT(texts({.after = Seq{3}, .before = Seq{7}, .count = 100}), ElementsAre("4", "5", "6"));
  EXPECT_THAT(texts({.after = Seq{3}, .before = Seq{4}, .count = 100}), IsEmpty());
  EXPECT_THAT(texts({.after = Seq{7}, .before = Seq{3}, .count = 100}), IsEmpty());
  EXPECT_THAT(texts({.after = Seq{10}, .count = 100}), IsEmpty());
  EXPECT_THAT(texts({.after = Seq{1'000}, .count = 100}), IsEmpty());
  EXPECT_THAT(texts({.before = Seq{1}, .count = 100}), IsEmpty());
}

TEST_P(Read, TheOldestComeFirstAndCountBoundsThem) {
  fill(talk_, ann_, 10);
  EXPECT_THAT(texts({.count = 3}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(texts({.after = Seq{4}, .count = 3}), ElementsAre("5", "6", "7"));
  EXPECT_THAT(texts({.after = Seq{8}, .count = 3}), ElementsAre("9", "10"));
  EXPECT_THAT(texts({.count = 0}), IsEmpty());
}

TEST_P(Read, TheNewestAreGivenOldestFirst) {
  fill(talk_, ann_, 10);
  EXPECT_THAT(texts({.count = 3, .newest = true}), ElementsAre("8", "9", "10"));
  EXPECT_THAT(texts({.before = Seq{6}, .count = 3, .newest = true}), ElementsAre("3", "4", "5"));
  EXPECT_THAT(texts({.after = Seq{3}, .before = Seq{6}, .count = 9, .newest = true}),
              ElementsAre("4", "5"));
  EXPECT_THAT(texts({.count = 0, .newest = true}), IsEmpty());
}

TEST_P(Read, CountMayBeAsLargeAsItLikes) {
  fill(talk_, ann_, 10);
  EXPECT_EQ(texts({.count = std::numeric_limits<std::size_t>::max()}).size(), 10u);
}

TEST_P(Read, FirstAndHeadAreThoseOfTheLogNotOfTheStretch) {
  fill(talk_, ann_, 10);
  const auto stretch = read(talk_, {.after = Seq{3}, .before = Seq{7}, .count = 2});
  EXPECT_EQ(stretch.first, Seq{1});
  EXPECT_EQ(stretch.head, Seq{10});
  EXPECT_EQ(read(talk_, {.count = 0}).head, Seq{10});
}

TEST_P(Read, BytesMaxBoundsThePayloadsButGivesAtLeastOneEvent) {
  append(
      {message(talk_, ann_, "aaaa"), message(talk_, ann_, "bbbb"), message(talk_, ann_, "cccc")});
  EXPECT_THAT(texts({.count = 9, .bytes_max = 8}), ElementsAre("aaaa", "bbbb"));
  EXPECT_THAT(texts({.count = 9, .bytes_max = 11}), ElementsAre("aaaa", "bbbb"));
  EXPECT_THAT(texts({.count = 9, .bytes_max = 12}), ElementsAre("aaaa", "bbbb", "cccc"));
  EXPECT_THAT(texts({.count = 9, .bytes_max = 1}), ElementsAre("aaaa"));
  EXPECT_THAT(texts({.count = 9, .bytes_max = 0}), ElementsAre("aaaa"));
  EXPECT_THAT(texts({.count = 9, .bytes_max = 8, .newest = true}), ElementsAre("bbbb", "cccc"));
  EXPECT_THAT(texts({.count = 9, .bytes_max = 3, .newest = true}), ElementsAre("cccc"));
}

TEST_P(Read, OneLogNeverShowsAnother) {
  const auto other = conversation(ann_);
  fill(talk_, ann_, 3);
  append({message(other, ann_, "elsewhere")});
  EXPECT_THAT(texts({.count = 9}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(texts({.count = 9, .newest = true}), ElementsAre("1", "2", "3"));
  EXPECT_EQ(read(other).head, Seq{1});
}

TEST_P(Read, AccessTellsAMemberWhereTheLogStands) {
  auto access = await(conversations().access(talk_, ann_));
  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->first, Seq{1});
  EXPECT_EQ(access->head, Seq{0});
  fill(talk_, ann_, 3);
  access = await(conversations().access(talk_, ann_));
  ASSERT_TRUE(access.has_value());
  EXPECT_EQ(access->head, Seq{3});
}

TEST_P(Read, AccessIsRefusedAlikeToStrangersAndForUnknownConversations) {
  EXPECT_FALSE(await(conversations().access(talk_, bob_)).has_value());
  EXPECT_FALSE(await(conversations().access(talk_, UserId{99})).has_value());
  EXPECT_FALSE(await(conversations().access(ConversationId{99}, ann_)).has_value());
  EXPECT_FALSE(await(conversations().access(ConversationId{0}, ann_)).has_value());
}

TEST_P(Read, AccessFollowsMembership) {
  EXPECT_EQ(await(conversations().add_member(talk_, bob_)), MemberChange::done);
  EXPECT_TRUE(await(conversations().access(talk_, bob_)).has_value());
  EXPECT_EQ(await(conversations().remove_member(talk_, bob_)), MemberChange::done);
  EXPECT_FALSE(await(conversations().access(talk_, bob_)).has_value());
}

TEST_P(Read, HeadsStandInTheOrderAsked) {
  const auto other = conversation(ann_);
  const auto empty = conversation(ann_);
  fill(talk_, ann_, 3);
  fill(other, ann_, 5);
  const std::vector<ConversationId> asked{other, ConversationId{99}, talk_, empty, other};
  EXPECT_THAT(await(conversations().heads(asked)),
              ElementsAre(Seq{5}, Seq{0}, Seq{3}, Seq{0}, Seq{5}));
  EXPECT_THAT(await(conversations().heads({})), IsEmpty());
}

TEST_P(Read, HeadsOfFiveThousandConversations) {
  fill(talk_, ann_, 2);
  std::vector<ConversationId> asked(5'000, ConversationId{12'345});
  asked.back() = talk_;
  const auto heads = await(conversations().heads(asked));
  ASSERT_EQ(heads.size(), 5'000u);
  EXPECT_EQ(heads.front(), Seq{0});
  EXPECT_EQ(heads.back(), Seq{2});
}

}  // namespace
}  // namespace banter::contract
