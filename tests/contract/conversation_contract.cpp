// ConversationStore: creating conversations, members, lists, and what the store says of itself.
#include <algorithm>

#include "contract/store_contract.hpp"

namespace banter::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Conversations : public StoreContract {
 protected:
  UserId ann_ = user("ann@example.org");
  UserId bob_ = user("bob@example.org");
  UserId eve_ = user("eve@example.org");

  std::vector<UserId> members(ConversationId id) {
    std::vector<UserId> found;
    for (const auto& member : await(conversations().members_of(id))) found.push_back(member.user);
    std::ranges::sort(found);
    return found;
  }
  std::vector<ConversationId> list(std::int64_t after, std::size_t count) {
    std::vector<ConversationId> found;
    for (const auto& each :
         await(conversations().list_conversations(ConversationId{after}, count))) {
      found.push_back(each.id);
    }
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Conversations, testing::ValuesIn(all_stores()), name_of);

TEST_P(Conversations, AreNumberedFromOne) {
  EXPECT_EQ(conversation(ann_), ConversationId{1});
  EXPECT_EQ(conversation(ann_), ConversationId{2});
}

TEST_P(Conversations, HoldTheCreatorAndTheMembersOnce) {
  EXPECT_THAT(members(conversation(ann_)), ElementsAre(ann_));
  EXPECT_THAT(members(conversation(ann_, {bob_, ann_, bob_})), ElementsAre(ann_, bob_));
}

TEST_P(Conversations, TwiceTheSamePairMakesTwo) {
  EXPECT_NE(conversation(ann_, {bob_}), conversation(ann_, {bob_}));
}

TEST_P(Conversations, TakeInactiveUsers) {
  EXPECT_TRUE(await(accounts().set_active(bob_, false)));
  EXPECT_THAT(members(conversation(ann_, {bob_})), ElementsAre(ann_, bob_));
}

TEST_P(Conversations, WithAnUnknownUserAreNotCreatedAtAll) {
  const auto refused =
      await(conversations().create_conversation(ann_, {bob_, UserId{77}, UserId{66}, eve_}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), UserId{77});
  EXPECT_THAT(list(0, 10), IsEmpty());
  EXPECT_THAT(await(conversations().conversations_of(ann_, 10)), IsEmpty());
  EXPECT_EQ(conversation(ann_), ConversationId{1});
}

TEST_P(Conversations, OfAnUnknownCreatorAreNotCreated) {
  const auto refused = await(conversations().create_conversation(UserId{77}, {bob_}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), UserId{77});
  EXPECT_THAT(list(0, 10), IsEmpty());
}

TEST_P(Conversations, CreationTakesNoSeq) {
  const auto id = conversation(ann_, {bob_});
  EXPECT_EQ(append_one(message(id, bob_, "hello")).seq, Seq{1});
}

TEST_P(Conversations, OfAUserComeNewestFirst) {
  const auto first = conversation(ann_, {bob_});
  conversation(ann_);
  const auto third = conversation(eve_, {bob_});
  EXPECT_THAT(await(conversations().conversations_of(bob_, 10)), ElementsAre(third, first));
  EXPECT_THAT(await(conversations().conversations_of(bob_, 1)), ElementsAre(third));
  EXPECT_THAT(await(conversations().conversations_of(bob_, 0)), IsEmpty());
  EXPECT_THAT(await(conversations().conversations_of(UserId{99}, 10)), IsEmpty());
}

TEST_P(Conversations, AreListedInPages) {
  for (int i = 0; i < 5; ++i) conversation(ann_);
  EXPECT_THAT(list(0, 2), ElementsAre(ConversationId{1}, ConversationId{2}));
  EXPECT_THAT(list(2, 2), ElementsAre(ConversationId{3}, ConversationId{4}));
  EXPECT_THAT(list(4, 2), ElementsAre(ConversationId{5}));
  EXPECT_THAT(list(5, 2), IsEmpty());
}

TEST_P(Conversations, AreSummarised) {
  const auto before = wall_now();
  const auto id = conversation(ann_, {bob_});
  const auto after = wall_now();
  fill(id, ann_, 3);
  const auto found = await(conversations().find_conversation(id));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->head, Seq{3});
  EXPECT_EQ(found->members, 2u);
  EXPECT_GE(found->created_at, before);
  EXPECT_LE(found->created_at, after);
  const auto listed = await(conversations().list_conversations(ConversationId{0}, 1));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].head, Seq{3});
  EXPECT_EQ(listed[0].members, 2u);
}

TEST_P(Conversations, UnknownOnesAreNotFoundAndHaveNoMembers) {
  conversation(ann_);
  EXPECT_FALSE(await(conversations().find_conversation(ConversationId{2})).has_value());
  EXPECT_FALSE(await(conversations().find_conversation(ConversationId{0})).has_value());
  EXPECT_THAT(members(ConversationId{2}), IsEmpty());
}

TEST_P(Conversations, MembersComeAndGo) {
  const auto id = conversation(ann_);
  EXPECT_EQ(await(conversations().add_member(id, bob_)), MemberChange::done);
  EXPECT_EQ(await(conversations().add_member(id, bob_)), MemberChange::no_change);
  EXPECT_THAT(members(id), ElementsAre(ann_, bob_));
  EXPECT_EQ(await(conversations().remove_member(id, ann_)), MemberChange::done);
  EXPECT_EQ(await(conversations().remove_member(id, ann_)), MemberChange::no_change);
  EXPECT_THAT(members(id), ElementsAre(bob_));
  EXPECT_THAT(await(conversations().conversations_of(bob_, 10)), ElementsAre(id));
  EXPECT_THAT(await(conversations().conversations_of(ann_, 10)), IsEmpty());
}

TEST_P(Conversations, MemberChangesNameWhatIsMissing) {
  const auto id = conversation(ann_);
  const ConversationId nowhere{99};
  const UserId nobody{99};
  EXPECT_EQ(await(conversations().add_member(nowhere, bob_)), MemberChange::no_such_conversation);
  EXPECT_EQ(await(conversations().add_member(id, nobody)), MemberChange::no_such_user);
  EXPECT_EQ(await(conversations().remove_member(nowhere, bob_)),
            MemberChange::no_such_conversation);
  EXPECT_EQ(await(conversations().remove_member(id, nobody)), MemberChange::no_such_user);
}

TEST_P(Conversations, MembersRememberWhenTheyJoined) {
  const auto id = conversation(ann_);
  const auto before = wall_now();
  EXPECT_EQ(await(conversations().add_member(id, bob_)), MemberChange::done);
  const auto after = wall_now();
  for (const auto& member : await(conversations().members_of(id))) {
    if (member.user == ann_) EXPECT_LE(member.joined_at, before);
    if (member.user == bob_) EXPECT_GE(member.joined_at, before);
    EXPECT_LE(member.joined_at, after);
  }
}

TEST_P(Conversations, TheEpochIsShortPrintableAndConstant) {
  const std::string epoch = conversations().epoch();
  EXPECT_FALSE(epoch.empty());
  EXPECT_LE(epoch.size(), 32u);
  EXPECT_TRUE(std::ranges::all_of(epoch, [](char c) { return c > 0x20 && c < 0x7f; }));
  conversation(ann_);
  EXPECT_EQ(conversations().epoch(), epoch);
}

TEST_P(Conversations, ASoundStoreIsHealthy) { EXPECT_TRUE(await(conversations().healthy())); }

}  // namespace
}  // namespace banter::contract
