// AccountStore.
#include <string>

#include "contract/store_contract.hpp"

namespace banter::contract {
namespace {

using auth::CreateError;
using testing::ElementsAre;
using testing::IsEmpty;

class Accounts : public StoreContract {
 protected:
  std::vector<UserId> list(std::int64_t after, std::size_t count) {
    std::vector<UserId> found;
    for (const auto& each : await(accounts().list_accounts(UserId{after}, count))) {
      found.push_back(each.id);
    }
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Accounts, testing::ValuesIn(all_stores()), name_of);

TEST_P(Accounts, AreNumberedFromOne) {
  EXPECT_EQ(user("ann@example.org"), UserId{1});
  EXPECT_EQ(user("bob@example.org"), UserId{2});
}

TEST_P(Accounts, KeepWhatTheyWereGiven) {
  const auto before = wall_now();
  const auto id = await(accounts().create_account({.email = "ann@example.org",
                                                   .first_name = "Ann \"Marie\"\\",
                                                   .last_name = "Grüße 💬",
                                                   .password_hash = "$argon2id$v=19$x"}));
  const auto after = wall_now();
  ASSERT_TRUE(id.has_value());
  const auto account = await(accounts().find_account(*id));
  ASSERT_TRUE(account.has_value());
  EXPECT_EQ(account->id, *id);
  EXPECT_EQ(account->email, "ann@example.org");
  EXPECT_EQ(account->first_name, "Ann \"Marie\"\\");
  EXPECT_EQ(account->last_name, "Grüße 💬");
  EXPECT_EQ(account->password_hash, "$argon2id$v=19$x");
  EXPECT_TRUE(account->active);
  EXPECT_GE(account->created_at, before);
  EXPECT_LE(account->created_at, after);
  EXPECT_FALSE(account->last_login_at.has_value());
}

TEST_P(Accounts, NobodyHasAnEmailThatIsNoText) {
  for (const auto& email : {std::string("ann\0@example.org", 16), std::string("\xFF@x.org"),
                            std::string("\xED\xA0\x80@x.org")}) {
    EXPECT_FALSE(await(accounts().find_account_by_email(email)).has_value());
  }
}

TEST_P(Accounts, AreFoundByEmailByItsBytes) {
  const auto ann = user("ann@example.org");
  EXPECT_EQ(await(accounts().find_account_by_email("ann@example.org"))->id, ann);
  EXPECT_FALSE(await(accounts().find_account_by_email("Ann@example.org")).has_value());
  EXPECT_FALSE(await(accounts().find_account_by_email("ann@example.org ")).has_value());
  EXPECT_FALSE(await(accounts().find_account_by_email("")).has_value());
  EXPECT_FALSE(await(accounts().find_account(UserId{99})).has_value());
  EXPECT_FALSE(await(accounts().find_account(UserId{0})).has_value());
}

TEST_P(Accounts, ATakenEmailIsRefusedAndUsesUpNoNumber) {
  const auto ann = user("ann@example.org");
  EXPECT_TRUE(await(accounts().set_active(ann, false)));
  const auto refused = await(accounts().create_account(
      {.email = "ann@example.org", .first_name = "", .last_name = "", .password_hash = ""}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), CreateError::email_taken);
  EXPECT_EQ(user("bob@example.org"), UserId{2});
}

TEST_P(Accounts, OfManyAtOnceWithOneEmailOneWins) {
  Reactors threads(8);
  std::vector<std::future<std::expected<UserId, CreateError>>> running;
  for (std::size_t i = 0; i < 40; ++i) {
    running.push_back(threads.spawn(i % threads.size(),
                                    accounts().create_account({.email = "one@example.org",
                                                               .first_name = std::to_string(i),
                                                               .last_name = "",
                                                               .password_hash = ""})));
  }
  std::vector<UserId> winners;
  for (auto& each : running) {
    if (const auto id = each.get()) winners.push_back(*id);
  }
  EXPECT_THAT(winners, ElementsAre(UserId{1}));
  EXPECT_THAT(list(0, 10), ElementsAre(UserId{1}));
}

TEST_P(Accounts, Change) {
  const auto ann = user("ann@example.org");
  const auto bob = user("bob@example.org");
  EXPECT_TRUE(await(accounts().set_password_hash(ann, "other")));
  EXPECT_TRUE(await(accounts().set_active(ann, false)));
  EXPECT_TRUE(await(accounts().set_last_login(ann, Micros{1'700'000'000'123'456})));
  auto account = await(accounts().find_account(ann));
  EXPECT_EQ(account->password_hash, "other");
  EXPECT_FALSE(account->active);
  EXPECT_EQ(account->last_login_at, Micros{1'700'000'000'123'456});
  EXPECT_TRUE(await(accounts().set_active(ann, true)));
  EXPECT_TRUE(await(accounts().find_account_by_email("ann@example.org"))->active);
  account = await(accounts().find_account(bob));
  EXPECT_EQ(account->password_hash, "hash");
  EXPECT_TRUE(account->active);
}

TEST_P(Accounts, ChangingAnUnknownOneSaysSo) {
  const UserId nobody{99};
  EXPECT_FALSE(await(accounts().set_password_hash(nobody, "x")));
  EXPECT_FALSE(await(accounts().set_active(nobody, false)));
  EXPECT_FALSE(await(accounts().set_last_login(nobody, Micros{1})));
  EXPECT_FALSE(await(accounts().delete_account(nobody)));
}

TEST_P(Accounts, SettingWhatIsAlreadySoIsStillDone) {
  const auto ann = user("ann@example.org");
  EXPECT_TRUE(await(accounts().set_active(ann, true)));
  EXPECT_TRUE(await(accounts().set_password_hash(ann, "hash")));
}

TEST_P(Accounts, AreListedInPages) {
  for (int i = 0; i < 5; ++i) user(std::to_string(i));
  EXPECT_THAT(list(0, 2), ElementsAre(UserId{1}, UserId{2}));
  EXPECT_THAT(list(2, 2), ElementsAre(UserId{3}, UserId{4}));
  EXPECT_THAT(list(4, 9), ElementsAre(UserId{5}));
  EXPECT_THAT(list(5, 9), IsEmpty());
  EXPECT_THAT(list(0, 0), IsEmpty());
}

TEST_P(Accounts, DeletionTakesTheMembershipsAndLeavesTheMessages) {
  const auto ann = user("ann@example.org");
  const auto bob = user("bob@example.org");
  const auto talk = conversation(bob, {ann});
  append({message(talk, bob, "stays", "c1")});
  EXPECT_TRUE(await(accounts().delete_account(bob)));
  EXPECT_FALSE(await(accounts().find_account(bob)).has_value());
  EXPECT_FALSE(await(accounts().find_account_by_email("bob@example.org")).has_value());
  EXPECT_FALSE(await(conversations().access(talk, bob)).has_value());
  EXPECT_THAT(await(conversations().conversations_of(bob, 10)), IsEmpty());
  ASSERT_EQ(await(conversations().members_of(talk)).size(), 1u);
  const auto events = read(talk).events;
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].author, bob);
  EXPECT_EQ(events[0].payload, "stays");
  EXPECT_FALSE(await(accounts().delete_account(bob)));
}

TEST_P(Accounts, ADeletedNumberIsNeverGivenAgain) {
  user("ann@example.org");
  const auto bob = user("bob@example.org");
  EXPECT_TRUE(await(accounts().delete_account(bob)));
  EXPECT_EQ(user("bob@example.org"), UserId{3});
}

TEST_P(Accounts, ADeletedUserCanBeNoMember) {
  const auto ann = user("ann@example.org");
  const auto bob = user("bob@example.org");
  const auto talk = conversation(ann);
  EXPECT_TRUE(await(accounts().delete_account(bob)));
  EXPECT_EQ(await(conversations().add_member(talk, bob)), MemberChange::no_such_user);
  EXPECT_FALSE(await(conversations().create_conversation(ann, {bob})).has_value());
}

}  // namespace
}  // namespace banter::contract
