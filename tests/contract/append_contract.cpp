// ConversationStore::append, call by call.
#include <string>

#include "contract/store_contract.hpp"

namespace banter::contract {
namespace {

using testing::ElementsAre;

class Append : public StoreContract {
 protected:
  UserId ann_ = user("ann@example.org");
  UserId bob_ = user("bob@example.org");
  UserId eve_ = user("eve@example.org");
  ConversationId talk_ = conversation(ann_, {bob_});

  std::vector<std::string> log(ConversationId id) { return payloads(read(id)); }
  std::vector<std::string> log() { return log(talk_); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Append, testing::ValuesIn(all_stores()), name_of);

TEST_P(Append, NumbersFromOneWithoutAHole) {
  for (int i = 1; i <= 10; ++i) {
    const auto result = append_one(message(talk_, i % 2 == 0 ? ann_ : bob_, "m"));
    EXPECT_EQ(result.status, AppendStatus::stored);
    EXPECT_EQ(result.seq, Seq{i});
  }
}

TEST_P(Append, NumbersEachConversationByItself) {
  const auto other = conversation(bob_, {ann_});
  const auto results = append({message(talk_, ann_, "a"), message(other, ann_, "b"),
                               message(talk_, bob_, "c"), message(other, bob_, "d")});
  EXPECT_EQ(results[0].seq, Seq{1});
  EXPECT_EQ(results[1].seq, Seq{1});
  EXPECT_EQ(results[2].seq, Seq{2});
  EXPECT_EQ(results[3].seq, Seq{2});
  EXPECT_THAT(log(), ElementsAre("a", "c"));
  EXPECT_THAT(log(other), ElementsAre("b", "d"));
}

TEST_P(Append, AnswersInTheOrderOfTheBatchAndRefusalsTakeNoNumber) {
  append({message(talk_, ann_, "first", "c1")});
  const auto results = append({message(talk_, bob_, "two"), message(talk_, eve_, "refused"),
                               message(talk_, ann_, "first", "c1"),
                               message(talk_, ann_, "other", "c1"), message(talk_, ann_, "three")});
  ASSERT_EQ(results.size(), 5u);
  EXPECT_EQ(results[0].status, AppendStatus::stored);
  EXPECT_EQ(results[0].seq, Seq{2});
  EXPECT_EQ(results[1].status, AppendStatus::forbidden);
  EXPECT_EQ(results[2].status, AppendStatus::duplicate);
  EXPECT_EQ(results[2].seq, Seq{1});
  EXPECT_EQ(results[3].status, AppendStatus::conflict);
  EXPECT_EQ(results[4].status, AppendStatus::stored);
  EXPECT_EQ(results[4].seq, Seq{3});
  EXPECT_THAT(log(), ElementsAre("first", "two", "three"));
}

TEST_P(Append, AResendGetsTheAnswerOfTheFirstTime) {
  const auto first = append_one(message(talk_, ann_, "hello", "c1"));
  append_one(message(talk_, bob_, "between"));
  for (int i = 0; i < 3; ++i) {
    const auto again = append_one(message(talk_, ann_, "hello", "c1"));
    EXPECT_EQ(again.status, AppendStatus::duplicate);
    EXPECT_EQ(again.seq, first.seq);
    EXPECT_EQ(again.at, first.at);
  }
  EXPECT_THAT(log(), ElementsAre("hello", "between"));
}

TEST_P(Append, DedupesInsideOneBatch) {
  const auto results =
      append({message(talk_, ann_, "hello", "c1"), message(talk_, ann_, "hello", "c1"),
              message(talk_, ann_, "other", "c1"), message(talk_, ann_, "next", "c2")});
  EXPECT_EQ(results[0].status, AppendStatus::stored);
  EXPECT_EQ(results[1].status, AppendStatus::duplicate);
  EXPECT_EQ(results[1].seq, results[0].seq);
  EXPECT_EQ(results[1].at, results[0].at);
  EXPECT_EQ(results[2].status, AppendStatus::conflict);
  EXPECT_EQ(results[3].seq, Seq{2});
  EXPECT_THAT(log(), ElementsAre("hello", "next"));
}

TEST_P(Append, AnotherBodyOrKindUnderAUsedClientIdIsAConflict) {
  append_one(message(talk_, ann_, "hello", "c1"));
  auto other_kind = message(talk_, ann_, "hello", "c1");
  other_kind.kind = static_cast<chat::EventKind>(2);
  EXPECT_EQ(append_one(message(talk_, ann_, "hello ", "c1")).status, AppendStatus::conflict);
  EXPECT_EQ(append_one(message(talk_, ann_, "", "c1")).status, AppendStatus::conflict);
  EXPECT_EQ(append_one(message(talk_, ann_, std::string("hello\0", 6), "c1")).status,
            AppendStatus::conflict);
  EXPECT_EQ(append_one(other_kind).status, AppendStatus::conflict);
  EXPECT_EQ(append_one(message(talk_, ann_, "hello", "c1")).status, AppendStatus::duplicate);
  EXPECT_THAT(log(), ElementsAre("hello"));
}

TEST_P(Append, AClientIdIsOneOfItsAuthorInItsConversation) {
  const auto other = conversation(ann_, {bob_});
  for (const auto& event : {message(talk_, ann_, "x", "c1"), message(talk_, bob_, "x", "c1"),
                            message(other, ann_, "x", "c1"), message(talk_, ann_, "x", "C1"),
                            message(talk_, ann_, "x", "c1 "), message(talk_, ann_, "x", "c10")}) {
    EXPECT_EQ(append_one(event).status, AppendStatus::stored) << event.client_id;
  }
}

TEST_P(Append, WithoutAClientIdEverySendIsNew) {
  const auto results = append({message(talk_, ann_, "same"), message(talk_, ann_, "same")});
  EXPECT_EQ(results[0].status, AppendStatus::stored);
  EXPECT_EQ(results[1].status, AppendStatus::stored);
  EXPECT_THAT(log(), ElementsAre("same", "same"));
}

TEST_P(Append, ForbidsWhoeverIsNotAMember) {
  EXPECT_EQ(append_one(message(talk_, eve_, "x")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(talk_, eve_, "x", "c1")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(talk_, UserId{99}, "x")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(talk_, UserId{0}, "x")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(ConversationId{99}, ann_, "x")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(ConversationId{0}, ann_, "x")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(ConversationId{-1}, ann_, "x")).status, AppendStatus::forbidden);
  EXPECT_TRUE(read(talk_).events.empty());
}

TEST_P(Append, FollowsMembershipAsItChanges) {
  append_one(message(talk_, bob_, "before", "c1"));
  EXPECT_EQ(await(conversations().remove_member(talk_, bob_)), MemberChange::done);
  EXPECT_EQ(append_one(message(talk_, bob_, "while out", "c2")).status, AppendStatus::forbidden);
  EXPECT_EQ(append_one(message(talk_, bob_, "before", "c1")).status, AppendStatus::forbidden);
  EXPECT_EQ(await(conversations().add_member(talk_, bob_)), MemberChange::done);
  EXPECT_EQ(append_one(message(talk_, bob_, "before", "c1")).status, AppendStatus::duplicate);
  EXPECT_EQ(append_one(message(talk_, bob_, "after", "c2")).seq, Seq{2});
  EXPECT_EQ(await(conversations().add_member(talk_, eve_)), MemberChange::done);
  EXPECT_EQ(append_one(message(talk_, eve_, "new")).seq, Seq{3});
}

TEST_P(Append, ForbidsADeletedAccount) {
  append_one(message(talk_, bob_, "before"));
  EXPECT_TRUE(await(accounts().delete_account(bob_)));
  EXPECT_EQ(append_one(message(talk_, bob_, "after")).status, AppendStatus::forbidden);
  EXPECT_THAT(log(), ElementsAre("before"));
}

TEST_P(Append, InactiveAccountsAreTheCallersBusiness) {
  EXPECT_TRUE(await(accounts().set_active(bob_, false)));
  EXPECT_EQ(append_one(message(talk_, bob_, "x")).status, AppendStatus::stored);
}

TEST_P(Append, KeepsEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::vector<std::string> bodies{
      "",  std::string(1, '\0'),       std::string("a\0b\0", 4),   "\xF0\x9F\x92\xAC grüße",
      all, std::string(8 * 1024, 'x'), std::string(8 * 1024, '\0')};
  int number = 0;
  for (const auto& body : bodies) {
    const auto client_id = "c" + std::to_string(++number);
    EXPECT_EQ(append_one(message(talk_, ann_, body, client_id)).status, AppendStatus::stored);
    EXPECT_EQ(append_one(message(talk_, ann_, body, client_id)).status, AppendStatus::duplicate);
  }
  EXPECT_EQ(log(), bodies);
}

TEST_P(Append, KeepsWhatTheEventSaysOfItself) {
  const std::string client_id(64, '~');
  const auto before = wall_now();
  const auto result = append_one(message(talk_, bob_, "hello", client_id));
  const auto after = wall_now();
  const auto events = read(talk_).events;
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].conversation, talk_);
  EXPECT_EQ(events[0].seq, Seq{1});
  EXPECT_EQ(events[0].author, bob_);
  EXPECT_EQ(events[0].kind, chat::EventKind::message);
  EXPECT_EQ(events[0].client_id, client_id);
  EXPECT_EQ(events[0].at, result.at);
  EXPECT_GE(result.at, before);
  EXPECT_LE(result.at, after);
}

TEST_P(Append, AnEventWithoutAClientIdReadsWithoutOne) {
  append_one(message(talk_, bob_, "hello"));
  EXPECT_EQ(read(talk_).events.at(0).client_id, "");
}

TEST_P(Append, TakesAWholeBatchOf256AndAnEmptyOne) {
  std::vector<chat::PendingEvent> batch;
  for (int i = 0; i < 256; ++i) {
    batch.push_back(message(talk_, ann_, std::to_string(i), "c" + std::to_string(i)));
  }
  const auto results = append(batch);
  ASSERT_EQ(results.size(), 256u);
  for (int i = 0; i < 256; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].seq, Seq{i + 1});
  EXPECT_EQ(read(talk_).head, Seq{256});
  EXPECT_TRUE(append({}).empty());
}

}  // namespace
}  // namespace banter::contract
