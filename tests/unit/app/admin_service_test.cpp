#include "app/admin_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "auth/password.hpp"
#include "base/metrics.hpp"
#include "base/unavailable.hpp"
#include "base/worker_pool.hpp"
#include "store/memory/memory_store.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;
using chat::Notice;
using testing::HasSubstr;
using Kind = AdminAnswer::Kind;
using Fault = store::MemoryStore::Fault;

class AdminServiceTest : public testing::Test {
 protected:
  AdminAnswer ask(json::object question) {
    std::optional<AdminAnswer> answer;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context_, service_.execute(std::move(question)),
                          [&](std::exception_ptr error, AdminAnswer given) {
                            thrown = error;
                            answer = std::move(given);
                          });
    context_.restart();
    context_.run();
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(answer);
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error, T value) {
      if (!error) result.emplace(std::move(value));
    });
    context_.restart();
    context_.run();
    return *std::move(result);
  }

  std::int64_t create(const std::string& email) {
    const auto answer =
        ask({{"command", "user_create"}, {"email", email}, {"password", "correct horse"}});
    EXPECT_EQ(answer.kind, Kind::ok) << answer.error;
    return answer.result.at("id").as_int64();
  }
  ConversationId converse(std::int64_t creator, std::vector<UserId> members = {}) {
    return *run(store_.create_conversation(UserId{creator}, std::move(members)));
  }

  Fault fault_ = Fault::none;
  boost::asio::io_context context_;
  store::MemoryStore store_{{.epoch = "test",
                             .clock = [] { return Micros{1'000'000}; },
                             .fault = [this](store::MemoryStore::Operation) { return fault_; }}};
  base::Metrics metrics_;
  base::WorkerPool passwords_{{.name = "passwords", .threads = 1}};
  auth::Accounts accounts_{store_, passwords_,
                           auth::Tokens({.key = std::string(32, 'k'), .previous_keys = {}}),
                           metrics_};
  std::vector<Notice> notices_;
  std::vector<std::filesystem::path> backups_;
  AdminService service_{
      {.account_store = store_,
       .conversation_store = store_,
       .accounts = accounts_,
       .notify = [this](const Notice& notice) { notices_.push_back(notice); },
       .backup = [this](std::filesystem::path file) -> Task<std::expected<void, std::string>> {
         backups_.push_back(file);
         if (file == "/full") co_return std::unexpected("no space");
         co_return std::expected<void, std::string>();
       }}};
};

TEST_F(AdminServiceTest, CreatesAUserWhoCanLogIn) {
  const auto id = create("Ada@Example.com");
  const auto account = run(store_.find_account(UserId{id}));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->email, "ada@example.com");
  EXPECT_TRUE(auth::verify_password("correct horse", account->password_hash));
}

TEST_F(AdminServiceTest, CreatesByTheRulesOfSignUp) {
  const auto refused = [&](json::object members) {
    members["command"] = "user_create";
    const auto answer = ask(std::move(members));
    EXPECT_EQ(answer.kind, Kind::refused);
    return answer.error;
  };
  EXPECT_THAT(refused({{"email", "nobody"}, {"password", "correct horse"}}), HasSubstr("email: "));
  EXPECT_THAT(refused({{"email", "a@example.com"}, {"password", "short"}}),
              HasSubstr("password: "));
  EXPECT_THAT(refused({{"email", "a@example.com"}}), HasSubstr("password: "));
  EXPECT_THAT(
      refused({{"email", "a@example.com"}, {"password", "correct horse"}, {"first_name", "R2-D2"}}),
      HasSubstr("first_name: "));
  create("a@example.com");
  EXPECT_THAT(refused({{"email", "A@example.com"}, {"password", "correct horse"}}),
              HasSubstr("a@example.com"));
}

TEST_F(AdminServiceTest, FindsUsersByNumberAndByEmail) {
  const auto id = create("ada@example.com");
  for (const auto& name :
       {std::to_string(id), std::string("ada@example.com"), std::string("ADA@example.com")}) {
    const auto answer = ask({{"command", "user_show"}, {"user", name}});
    ASSERT_EQ(answer.kind, Kind::ok) << name;
    EXPECT_EQ(answer.result.at("id"), id);
    EXPECT_EQ(answer.result.at("password"), "argon2id");
    EXPECT_EQ(answer.result.at("created"), "1970-01-01T00:00:01Z");
  }
  for (const auto* name : {"99", "bob@example.com", "", "-1", "99999999999999999999"}) {
    EXPECT_EQ(ask({{"command", "user_show"}, {"user", name}}).kind, Kind::refused) << name;
  }
}

TEST_F(AdminServiceTest, ListsUsersInPages) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 70; ++i) {
    ids.push_back(run(store_.create_account({.email = std::to_string(i) + "@example.com",
                                             .first_name = {},
                                             .last_name = {},
                                             .password_hash = {}}))
                      ->value);
  }
  std::vector<std::int64_t> listed;
  for (std::int64_t after = 0;;) {
    const auto page = ask({{"command", "user_list"}, {"after", after}});
    if (page.result.as_array().empty()) break;
    EXPECT_LE(answer_line(page).size(), admin_line_bytes_max);
    for (const auto& row : page.result.as_array()) listed.push_back(row.at("id").as_int64());
    after = listed.back();
  }
  EXPECT_EQ(listed, ids);
}

TEST_F(AdminServiceTest, TellsEverybodyWhenAnAccountChanged) {
  const auto id = create("ada@example.com");
  for (const auto* command : {"user_deactivate", "user_activate", "user_delete"}) {
    notices_.clear();
    ASSERT_EQ(ask({{"command", command}, {"user", "ada@example.com"}}).kind, Kind::ok);
    ASSERT_EQ(notices_.size(), 1u) << command;
    EXPECT_EQ(notices_[0].kind, Notice::Kind::account_changed);
    EXPECT_EQ(notices_[0].user, UserId{id});
  }
  EXPECT_EQ(ask({{"command", "user_show"}, {"user", "ada@example.com"}}).kind, Kind::refused);
}

TEST_F(AdminServiceTest, DeactivatesAndActivates) {
  const auto id = create("ada@example.com");
  const auto first = ask({{"command", "user_deactivate"}, {"user", std::to_string(id)}});
  EXPECT_EQ(first.result.at("changed"), true);
  EXPECT_FALSE(run(store_.find_account(UserId{id}))->active);
  const auto again = ask({{"command", "user_deactivate"}, {"user", std::to_string(id)}});
  EXPECT_EQ(again.kind, Kind::ok);
  EXPECT_EQ(again.result.at("changed"), false);
  ask({{"command", "user_activate"}, {"user", std::to_string(id)}});
  EXPECT_TRUE(run(store_.find_account(UserId{id}))->active);
}

TEST_F(AdminServiceTest, ChangesAPasswordByTheRulesOfSignUp) {
  const auto id = create("ada@example.com");
  const auto set = [&](const char* password) {
    return ask({{"command", "user_passwd"}, {"user", "ada@example.com"}, {"password", password}})
        .kind;
  };
  EXPECT_EQ(set("short"), Kind::refused);
  EXPECT_EQ(set("another horse"), Kind::ok);
  const auto account = run(store_.find_account(UserId{id}));
  EXPECT_TRUE(auth::verify_password("another horse", account->password_hash));
  EXPECT_EQ(notices_.size(), 1u);
}

TEST_F(AdminServiceTest, AddsAndRemovesMembersAndTellsEverybody) {
  const auto ada = create("ada@example.com");
  const auto bob = create("bob@example.com");
  const auto id = converse(ada);
  const auto change = [&](const char* command, const char* user, std::int64_t conversation) {
    return ask({{"command", command}, {"conversation", conversation}, {"user", user}}).kind;
  };
  EXPECT_EQ(change("conversation_member_add", "bob@example.com", id.value), Kind::ok);
  EXPECT_EQ(change("conversation_member_add", "bob@example.com", id.value), Kind::refused);
  const auto members = ask({{"command", "conversation_members"}, {"conversation", id.value}});
  EXPECT_EQ(members.result.as_array().size(), 2u);
  EXPECT_EQ(change("conversation_member_remove", "bob@example.com", id.value), Kind::ok);
  EXPECT_EQ(change("conversation_member_remove", "bob@example.com", id.value), Kind::refused);
  ASSERT_EQ(notices_.size(), 2u);
  EXPECT_EQ(notices_[0].kind, Notice::Kind::member_added);
  EXPECT_EQ(notices_[1].kind, Notice::Kind::member_removed);
  EXPECT_EQ(notices_[1].user, UserId{bob});
  EXPECT_EQ(notices_[1].conversation, id);

  EXPECT_EQ(change("conversation_member_add", "nobody@example.com", id.value), Kind::refused);
  EXPECT_EQ(change("conversation_member_add", "bob@example.com", 99), Kind::refused);
  EXPECT_EQ(ask({{"command", "conversation_members"}, {"conversation", 99}}).kind, Kind::refused);
}

TEST_F(AdminServiceTest, ShowsConversationsWithoutTheirTexts) {
  const auto ada = create("ada@example.com");
  const auto id = converse(ada);
  const chat::PendingEvent event{
      .conversation = id, .author = UserId{ada}, .payload = "a secret", .client_id = {}};
  std::ignore = run(store_.append({&event, 1}));
  const auto list = ask({{"command", "conversation_list"}});
  ASSERT_EQ(list.result.as_array().size(), 1u);
  const auto shown = ask({{"command", "conversation_show"}, {"conversation", id.value}});
  EXPECT_EQ(shown.result.at("members"), 1);
  EXPECT_EQ(shown.result.at("last_message"), 1);
  EXPECT_EQ(answer_line(shown).find("secret"), std::string::npos);
  EXPECT_EQ(ask({{"command", "conversation_show"}, {"conversation", 99}}).kind, Kind::refused);
}

TEST_F(AdminServiceTest, WritesBackupsOnlyToAbsolutePaths) {
  EXPECT_EQ(ask({{"command", "backup"}, {"file", "here.db"}}).kind, Kind::usage);
  EXPECT_TRUE(backups_.empty());
  EXPECT_EQ(ask({{"command", "backup"}, {"file", "/there.db"}}).kind, Kind::ok);
  const auto full = ask({{"command", "backup"}, {"file", "/full"}});
  EXPECT_EQ(full.kind, Kind::refused);
  EXPECT_EQ(full.error, "no space");
}

TEST_F(AdminServiceTest, AnswersUsageToQuestionsItDoesNotUnderstand) {
  for (const json::object& question :
       {json::object{{"command", "fly"}}, json::object{{"command", "user_show"}},
        json::object{{"command", "user_show"}, {"user", 1}},
        json::object{{"command", "user_list"}, {"after", "x"}},
        json::object{{"command", "conversation_show"}, {"conversation", "7"}},
        json::object{{"command", "conversation_show"}, {"conversation", 1.5}}}) {
    EXPECT_EQ(ask(question).kind, Kind::usage) << json::serialize(question);
  }
}

TEST_F(AdminServiceTest, AnswersUnavailableWhenTheStoreFails) {
  create("ada@example.com");
  fault_ = Fault::before_effect;
  const auto answer = ask({{"command", "user_deactivate"}, {"user", "ada@example.com"}});
  EXPECT_EQ(answer.kind, Kind::unavailable);
  EXPECT_TRUE(notices_.empty());
}

}  // namespace
}  // namespace banter::app
