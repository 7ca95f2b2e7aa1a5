#include "auth/accounts.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <future>
#include <string>

#include "auth/password.hpp"
#include "unit/auth/fake_accounts.hpp"
#include "unit/auth/minted.hpp"

namespace banter::auth {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t wall_seconds = 1'700'000'000;
constexpr auto django_hash =
    "pbkdf2_sha256$1000$abcDEF123$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs=";  // Pass1243!

const SignUp somebody{
    .first_name = "A", .last_name = "B", .email = "a@b.cd", .password = "Pass1243!"};

class AccountsTest : public testing::Test {
 protected:
  template <class T>
  T wait(Task<T> task) {
    return run(context_, std::move(task));
  }
  std::optional<LoggedIn> log_in(const std::string& email, const std::string& password) {
    return wait(accounts_.log_in(email, password));
  }
  std::string access_token(UserId user) const {
    return tokens_.issue(TokenType::access, user, wall_seconds);
  }
  std::optional<IdentityError> refusal(UserId user) {
    const std::string token = access_token(user);
    const auto identity = wait(accounts_.identify(token));
    if (identity) return std::nullopt;
    return identity.error().error;
  }
  double metric(const std::string& name, const base::Labels& labels = {}) {
    return metrics_.counter(name, "", labels).Value();
  }

  boost::asio::io_context context_;
  FakeAccounts store_;
  base::WorkerPool pool_{{.name = "passwords", .threads = 1, .queue_max = 1}};
  base::Metrics metrics_;
  Tokens tokens_{{.key = "dev-secret", .previous_keys = {}}};
  SteadyTime steady_{1h};
  Accounts accounts_{store_,
                     pool_,
                     tokens_,
                     metrics_,
                     {.wall = [] { return Micros{wall_seconds * 1'000'000}; },
                      .steady = [this] { return steady_; }}};
};

TEST_F(AccountsTest, SignUpStoresAHashAndThenTheLoginWorks) {
  const auto created = wait(accounts_.sign_up(somebody));
  ASSERT_TRUE(created);
  EXPECT_TRUE(store_.accounts.at(created->value).password_hash.starts_with("$argon2id$"));
  const auto session = log_in("a@b.cd", "Pass1243!");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->user, *created);
  EXPECT_EQ(session->email, "a@b.cd");
  EXPECT_EQ(metric("banter_auth_sign_ups_total", {{"result", "ok"}}), 1);
  EXPECT_EQ(metric("banter_auth_logins_total", {{"result", "ok"}}), 1);
}

TEST_F(AccountsTest, SignUpWithATakenAddressIsAnAnswer) {
  store_.add("a@b.cd", "", false);
  const auto created = wait(accounts_.sign_up(somebody));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error(), CreateError::email_taken);
  EXPECT_EQ(metric("banter_auth_sign_ups_total", {{"result", "email_taken"}}), 1);
}

TEST_F(AccountsTest, SignUpThatLosesTheRaceForAnAddressIsTheSameAnswer) {
  store_.before_created = [&] { store_.add("a@b.cd", ""); };
  const auto created = wait(accounts_.sign_up(somebody));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error(), CreateError::email_taken);
}

TEST_F(AccountsTest, LoginGivesAnAccessAndARefreshTokenOfItsOwn) {
  const UserId user = store_.add("a@b.cd", hash_password("Pass1243!"));
  const auto session = log_in("a@b.cd", "Pass1243!");
  ASSERT_TRUE(session);
  EXPECT_EQ(tokens_.verify(TokenType::access, session->tokens.access, wall_seconds)->user, user);
  EXPECT_EQ(tokens_.verify(TokenType::refresh, session->tokens.refresh, wall_seconds)->user, user);
  EXPECT_NE(session->tokens.access, session->tokens.refresh);
  EXPECT_EQ(store_.accounts.at(user.value).last_login_at, Micros{wall_seconds * 1'000'000});
}

TEST_F(AccountsTest, LoginIsRefusedToWrongUnknownAndInactiveAlike) {
  store_.add("known@b.cd", hash_password("Pass1243!"));
  store_.add("inactive@b.cd", hash_password("Pass1243!"), false);
  EXPECT_FALSE(log_in("known@b.cd", "wrongpass"));
  EXPECT_FALSE(log_in("unknown@b.cd", "Pass1243!"));
  EXPECT_FALSE(log_in("inactive@b.cd", "Pass1243!"));
  EXPECT_FALSE(log_in("KNOWN@b.cd", "Pass1243!"));  // lower-casing is the caller's
  EXPECT_FALSE(log_in("known@b.cd", std::string(129, 'p')));
  EXPECT_EQ(metric("banter_auth_logins_total", {{"result", "bad_password"}}), 5);
  for (const auto& [id, account] : store_.accounts) EXPECT_FALSE(account.last_login_at);
}

TEST_F(AccountsTest, LoginCostsOneHashWhoeverAsks) {
  store_.add("known@b.cd", hash_password("Pass1243!"));
  store_.add("inactive@b.cd", hash_password("Pass1243!"), false);
  const auto hash_metric = [&](const std::string& name) {
    const std::string text = metrics_.text();
    const std::string line = "banter_auth_hash_seconds_" + name + " ";
    return std::stod(text.substr(text.find(line) + line.size()));
  };
  for (const char* email : {"known@b.cd", "unknown@b.cd", "inactive@b.cd"}) {
    const double count = hash_metric("count");
    const double seconds = hash_metric("sum");
    EXPECT_FALSE(log_in(email, "wrongpass"));
    EXPECT_EQ(hash_metric("count"), count + 1) << email;
    // No machine fills 19 MiB twice in less; a hash that is only parsed takes microseconds.
    EXPECT_GT(hash_metric("sum") - seconds, 0.002) << email;
  }
}

TEST_F(AccountsTest, LoginReplacesADjangoHash) {
  const UserId user = store_.add("a@b.cd", django_hash);
  EXPECT_FALSE(log_in("a@b.cd", "wrongpass"));
  EXPECT_EQ(store_.accounts.at(user.value).password_hash, django_hash);
  ASSERT_TRUE(log_in("a@b.cd", "Pass1243!"));
  EXPECT_TRUE(store_.accounts.at(user.value).password_hash.starts_with("$argon2id$"));
  EXPECT_TRUE(log_in("a@b.cd", "Pass1243!"));
  EXPECT_EQ(metric("banter_auth_hash_upgrades_total"), 1);
}

TEST_F(AccountsTest, LoginLeavesAHashAloneThatSomebodyJustChanged) {
  const UserId user = store_.add("a@b.cd", django_hash);
  // The look-up just before the new hash is stored sees what the operator set meanwhile.
  store_.accounts.at(user.value).password_hash = django_hash;
  auto login = accounts_.log_in("a@b.cd", "Pass1243!");
  std::optional<LoggedIn> session;
  boost::asio::co_spawn(
      context_, std::move(login),
      [&](std::exception_ptr, std::optional<LoggedIn> value) { session = std::move(value); });
  context_.run_one();  // up to the hashing
  store_.accounts.at(user.value).password_hash = "set by an operator";
  context_.run();
  EXPECT_TRUE(session);
  EXPECT_EQ(store_.accounts.at(user.value).password_hash, "set by an operator");
}

TEST_F(AccountsTest, LoginSucceedsThoughItsTraceCannotBeStored) {
  store_.add("a@b.cd", django_hash);
  store_.writes_fail = true;
  EXPECT_TRUE(log_in("a@b.cd", "Pass1243!"));
  EXPECT_EQ(metric("banter_auth_login_update_failures_total"), 1);
}

TEST_F(AccountsTest, LoginIsShedWhenThePoolIsFull) {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::promise<void> running;
  const auto occupy = [&](std::function<void()> job) {
    boost::asio::co_spawn(context_, pool_.run([job = std::move(job)](std::size_t) { job(); }),
                          [](std::exception_ptr) {});
  };
  occupy([&] {
    running.set_value();
    released.wait();
  });
  context_.poll();
  running.get_future().wait();  // the only thread is busy
  occupy([] {});                // and the only place of the queue is taken
  context_.poll();
  std::exception_ptr refused;
  boost::asio::co_spawn(context_, accounts_.log_in("a@b.cd", "Pass1243!"),
                        [&](std::exception_ptr thrown, const std::optional<LoggedIn>&) {
                          refused = thrown;
                          release.set_value();
                        });
  context_.restart();
  context_.run();
  ASSERT_TRUE(refused);
  EXPECT_THROW(std::rethrow_exception(refused), Unavailable);
  EXPECT_EQ(metric("banter_auth_logins_total", {{"result", "shed"}}), 1);
}

TEST_F(AccountsTest, IdentifyNamesTheUserAndTheEndOfTheToken) {
  const UserId user = store_.add("a@b.cd", "");
  const std::string token = access_token(user);
  const auto identity = wait(accounts_.identify(token));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user, user);
  EXPECT_EQ(identity->token_expires_at, wall_seconds + 43'200);
}

TEST_F(AccountsTest, IdentifyRefusesGhostsInactiveUsersAndNobody) {
  const UserId inactive = store_.add("a@b.cd", "", false);
  EXPECT_EQ(refusal(inactive), IdentityError::user_inactive);
  EXPECT_EQ(refusal(UserId{999'999}), IdentityError::user_not_found);
  const int finds = store_.finds;
  EXPECT_EQ(refusal(UserId{0}), IdentityError::user_not_found);
  EXPECT_EQ(store_.finds, finds);
}

TEST_F(AccountsTest, IdentifyTellsWhatIsWrongWithTheToken) {
  const auto identity = wait(accounts_.identify("bad"));
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().error, IdentityError::token);
  EXPECT_EQ(identity.error().token_error, TokenError::invalid_or_expired);
  const std::string refresh = tokens_.issue(TokenType::refresh, UserId{1}, wall_seconds);
  EXPECT_EQ(wait(accounts_.identify(refresh)).error().token_error, TokenError::wrong_type);
}

TEST_F(AccountsTest, IdentifyAsksTheStoreOnceASecond) {
  const UserId user = store_.add("a@b.cd", "");
  EXPECT_FALSE(refusal(user));
  store_.accounts.at(user.value).active = false;
  steady_ += 999ms;
  EXPECT_FALSE(refusal(user));
  EXPECT_EQ(store_.finds, 1);
  steady_ += 1ms;
  EXPECT_EQ(refusal(user), IdentityError::user_inactive);
  EXPECT_EQ(store_.finds, 2);
}

TEST_F(AccountsTest, IsActiveSaysOfAUserWhatIdentifySaysOfHisToken) {
  const UserId user = store_.add("a@b.cd", "");
  EXPECT_TRUE(wait(accounts_.is_active(user)));
  EXPECT_FALSE(wait(accounts_.is_active(UserId{999'999})));
  EXPECT_FALSE(wait(accounts_.is_active(UserId{0})));
  store_.accounts.at(user.value).active = false;
  EXPECT_TRUE(wait(accounts_.is_active(user)));
  accounts_.forget(user);
  EXPECT_FALSE(wait(accounts_.is_active(user)));
}

TEST_F(AccountsTest, ForgetMakesTheNextIdentifyAskAgain) {
  const UserId user = store_.add("a@b.cd", "");
  EXPECT_FALSE(refusal(user));
  store_.accounts.at(user.value).active = false;
  accounts_.forget(user);
  EXPECT_EQ(refusal(user), IdentityError::user_inactive);
}

TEST_F(AccountsTest, ForgetDefeatsALookUpInFlight) {
  const UserId user = store_.add("a@b.cd", "");
  int looks = 0;
  store_.before_answer = [&] {
    if (++looks > 1) return;
    store_.accounts.at(user.value).active = false;  // after the store has answered "active"
    accounts_.forget(user);
  };
  EXPECT_EQ(refusal(user), IdentityError::user_inactive);
  EXPECT_EQ(looks, 2);
}

TEST_F(AccountsTest, IdentifyFailsClosedOnAnAccountThatNeverStandsStill) {
  const UserId user = store_.add("a@b.cd", "");
  store_.before_answer = [&] { accounts_.forget(user); };
  EXPECT_THROW((void)refusal(user), Unavailable);
}

TEST_F(AccountsTest, RefreshGivesAnAccessTokenToActiveUsersOnly) {
  const UserId active = store_.add("a@b.cd", "");
  const UserId inactive = store_.add("b@b.cd", "", false);
  const auto refreshed = [&](UserId user) {
    const std::string token = tokens_.issue(TokenType::refresh, user, wall_seconds - 100);
    return wait(accounts_.refresh(token));
  };
  const auto access = refreshed(active);
  ASSERT_TRUE(access);
  const auto claims = tokens_.verify(TokenType::access, *access, wall_seconds);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issued_at, wall_seconds - 100);
  EXPECT_EQ(refreshed(inactive).error().error, IdentityError::user_inactive);
  EXPECT_EQ(refreshed(UserId{999'999}).error().error, IdentityError::user_not_found);
  EXPECT_EQ(wait(accounts_.refresh("bad")).error().token_error, TokenError::invalid_or_expired);
}

TEST_F(AccountsTest, SetPasswordReplacesTheHashAndTellsUnknownUsers) {
  const UserId user = store_.add("a@b.cd", django_hash);
  EXPECT_TRUE(wait(accounts_.set_password(user, "another one")));
  EXPECT_TRUE(log_in("a@b.cd", "another one"));
  EXPECT_FALSE(log_in("a@b.cd", "Pass1243!"));
  EXPECT_FALSE(wait(accounts_.set_password(UserId{99}, "another one")));
}

}  // namespace
}  // namespace banter::auth
