// What a store keeps when it is closed and opened again.
#include "contract/store_contract.hpp"

namespace banter::contract {
namespace {

using testing::ElementsAre;

class Reopen : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, Reopen, testing::ValuesIn(durable_stores()), name_of);

TEST_P(Reopen, KeepsLogsAndGoesOnNumberingThem) {
  const auto ann = user("ann@example.org");
  const auto talk = conversation(ann);
  const auto empty = conversation(ann);
  append({message(talk, ann, "one", "c1"), message(talk, ann, "two")});
  const auto before = read(talk);
  reopen();
  const auto after = read(talk);
  EXPECT_EQ(payloads(after), payloads(before));
  EXPECT_EQ(after.head, Seq{2});
  EXPECT_EQ(after.events[0].at, before.events[0].at);
  EXPECT_EQ(append_one(message(talk, ann, "three")).seq, Seq{3});
  EXPECT_EQ(append_one(message(empty, ann, "first")).seq, Seq{1});
}

TEST_P(Reopen, RemembersClientIdsForEver) {
  const auto ann = user("ann@example.org");
  const auto talk = conversation(ann);
  const auto first = append_one(message(talk, ann, "one", "c1"));
  reopen();
  const auto again = append_one(message(talk, ann, "one", "c1"));
  EXPECT_EQ(again.status, AppendStatus::duplicate);
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_EQ(again.at, first.at);
  EXPECT_EQ(append_one(message(talk, ann, "two", "c1")).status, AppendStatus::conflict);
}

TEST_P(Reopen, KeepsTheEpoch) {
  const std::string epoch = conversations().epoch();
  reopen();
  EXPECT_EQ(conversations().epoch(), epoch);
}

TEST_P(Reopen, KeepsAccountsAndMembers) {
  const auto ann = user("ann@example.org");
  const auto bob = user("bob@example.org");
  const auto talk = conversation(ann, {bob});
  EXPECT_TRUE(await(accounts().set_active(bob, false)));
  EXPECT_EQ(await(conversations().remove_member(talk, ann)), MemberChange::done);
  reopen();
  EXPECT_FALSE(await(accounts().find_account(bob))->active);
  const auto members = await(conversations().members_of(talk));
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].user, bob);
  EXPECT_EQ(append_one(message(talk, ann, "x")).status, AppendStatus::forbidden);
}

TEST_P(Reopen, NeverGivesADeletedNumberAgain) {
  const auto ann = user("ann@example.org");
  EXPECT_TRUE(await(accounts().delete_account(ann)));
  reopen();
  EXPECT_EQ(user("bob@example.org"), UserId{2});
  EXPECT_EQ(conversation(UserId{2}), ConversationId{1});
}

}  // namespace
}  // namespace banter::contract
