#include "auth/accounts.hpp"

#include <chrono>
#include <type_traits>
#include <utility>

#include "auth/activity_cache.hpp"
#include "auth/password.hpp"
#include "base/log.hpp"
#include "base/unavailable.hpp"

namespace banter::auth {
namespace {

// Look-ups that were overtaken by a change of the account, before we give up; each takes well under
// a millisecond, so one more change in each of them means that something is wrong.
constexpr int lookups_max = 8;

struct Counters {
  explicit Counters(base::Metrics& metrics)
      : login_ok(logins(metrics, "ok")),
        login_bad_password(logins(metrics, "bad_password")),
        login_shed(logins(metrics, "shed")),
        sign_up_ok(sign_ups(metrics, "ok")),
        sign_up_email_taken(sign_ups(metrics, "email_taken")),
        sign_up_shed(sign_ups(metrics, "shed")),
        activity_hit(activity(metrics, "hit")),
        activity_miss(activity(metrics, "miss")),
        upgraded(metrics.counter("banter_auth_hash_upgrades_total",
                                 "Password hashes replaced at login by a stronger one")),
        update_failures(metrics.counter("banter_auth_login_update_failures_total",
                                        "Logins whose last_login or new hash was not stored")),
        queue(metrics.gauge("banter_auth_hash_queue_depth",
                            "Password hashes waiting for a thread when last looked at")),
        seconds(metrics.histogram("banter_auth_hash_seconds",
                                  "Time to verify or make a password hash, waiting not included",
                                  {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5})) {}

  prometheus::Counter& login_ok;
  prometheus::Counter& login_bad_password;
  prometheus::Counter& login_shed;
  prometheus::Counter& sign_up_ok;
  prometheus::Counter& sign_up_email_taken;
  prometheus::Counter& sign_up_shed;
  prometheus::Counter& activity_hit;
  prometheus::Counter& activity_miss;
  prometheus::Counter& upgraded;
  prometheus::Counter& update_failures;
  prometheus::Gauge& queue;
  prometheus::Histogram& seconds;

 private:
  static prometheus::Counter& logins(base::Metrics& metrics, const char* result) {
    return metrics.counter("banter_auth_logins_total", "Logins by their result",
                           {{"result", result}});
  }
  static prometheus::Counter& sign_ups(base::Metrics& metrics, const char* result) {
    return metrics.counter("banter_auth_sign_ups_total", "Sign-ups by their result",
                           {{"result", result}});
  }
  static prometheus::Counter& activity(base::Metrics& metrics, const char* result) {
    return metrics.counter("banter_auth_activity_lookups_total",
                           "Questions whether a user is active, answered from memory or not",
                           {{"result", result}});
  }
};

struct Verified {
  bool ok = false;
  std::string new_hash;  // empty: the old one is good
};

}  // namespace

struct Accounts::Impl {
  Impl(AccountStore& accounts, base::WorkerPool& pool, Tokens signer, base::Metrics& metrics,
       Clocks sources)
      : store(accounts),
        passwords(pool),
        tokens(std::move(signer)),
        clocks(std::move(sources)),
        counters(metrics) {}

  [[nodiscard]] std::int64_t now() const { return clocks.wall().unix_seconds(); }

  // Runs a job of the hashing pool and measures it. Throws Unavailable when the pool is full.
  template <class Job>
  Task<std::invoke_result_t<Job&>> hashing(Job job, prometheus::Counter* shed) {
    try {
      auto result = co_await passwords.run([this, work = std::move(job)](std::size_t) mutable {
        const SteadyTime began = steady_now();
        auto made = work();
        counters.seconds.Observe(std::chrono::duration<double>(steady_now() - began).count());
        return made;
      });
      counters.queue.Set(static_cast<double>(passwords.queued()));
      co_return result;
    } catch (const Unavailable&) {
      counters.queue.Set(static_cast<double>(passwords.queued()));
      if (shed != nullptr) shed->Increment();
      throw;
    }
  }

  Task<Verified> verify(std::string password, std::string hash) {
    return hashing(
        [password = std::move(password), hash = std::move(hash)] {
          Verified verified{.ok = verify_password(password, hash), .new_hash = {}};
          if (verified.ok && needs_rehash(hash)) verified.new_hash = hash_password(password);
          return verified;
        },
        &counters.login_shed);
  }

  // What a login leaves behind. It has succeeded by now: a store that cannot take this must not
  // undo it.
  Task<> record_login(UserId user, std::string old_hash, std::string new_hash) {
    try {
      if (!new_hash.empty()) {
        // Somebody may have set another password while we hashed this one.
        const auto account = co_await store.find_account(user);
        if (account && account->password_hash == old_hash &&
            co_await store.set_password_hash(user, std::move(new_hash)))
          counters.upgraded.Increment();
      }
      (void)co_await store.set_last_login(user, clocks.wall());
    } catch (const Unavailable& unavailable) {
      counters.update_failures.Increment();
      log::warn("login_update_failed", {{"user", user.value}, {"reason", unavailable.what()}});
    }
  }

  Task<Activity> activity_of(UserId user) {
    if (user == UserId{0}) co_return Activity::no_such_user;
    if (const auto remembered = cache.find(user, clocks.steady())) {
      counters.activity_hit.Increment();
      co_return *remembered;
    }
    counters.activity_miss.Increment();
    for (int i = 0; i < lookups_max; ++i) {
      const SteadyTime began_at = clocks.steady();
      const ActivityCache::Stamp stamp = cache.begin(user);
      const auto account = co_await store.find_account(user);
      const Activity activity = !account          ? Activity::no_such_user
                                : account->active ? Activity::active
                                                  : Activity::inactive;
      if (cache.finish(user, activity, stamp, began_at)) co_return activity;
    }
    throw Unavailable("the account keeps changing");
  }

  Task<std::expected<Claims, IdentityFailure>> live_claims(
      std::expected<Claims, TokenError> claims) {
    if (!claims)
      co_return std::unexpected(
          IdentityFailure{.error = IdentityError::token, .token_error = claims.error()});
    switch (co_await activity_of(claims->user)) {
      case Activity::active:
        break;
      case Activity::no_such_user:
        co_return std::unexpected(IdentityFailure{.error = IdentityError::user_not_found});
      case Activity::inactive:
        co_return std::unexpected(IdentityFailure{.error = IdentityError::user_inactive});
    }
    co_return *claims;
  }

  AccountStore& store;
  base::WorkerPool& passwords;
  Tokens tokens;
  Clocks clocks;
  Counters counters;
  ActivityCache cache;
};

Accounts::Accounts(AccountStore& store, base::WorkerPool& passwords, Tokens tokens,
                   base::Metrics& metrics, Clocks clocks)
    : impl_(std::make_unique<Impl>(store, passwords, std::move(tokens), metrics,
                                   std::move(clocks))) {}

Accounts::~Accounts() = default;

Task<std::expected<UserId, CreateError>> Accounts::sign_up(SignUp sign_up) {
  // Asked before the costly part; who wins among several at once is decided by the store below.
  if (co_await impl_->store.find_account_by_email(sign_up.email)) {
    impl_->counters.sign_up_email_taken.Increment();
    co_return std::unexpected(CreateError::email_taken);
  }
  std::string hash = co_await impl_->hashing(
      [password = std::move(sign_up.password)] { return hash_password(password); },
      &impl_->counters.sign_up_shed);
  const auto created =
      co_await impl_->store.create_account({.email = std::move(sign_up.email),
                                            .first_name = std::move(sign_up.first_name),
                                            .last_name = std::move(sign_up.last_name),
                                            .password_hash = std::move(hash)});
  (created ? impl_->counters.sign_up_ok : impl_->counters.sign_up_email_taken).Increment();
  co_return created;
}

Task<std::optional<LoggedIn>> Accounts::log_in(std::string email, std::string password) {
  auto account = co_await impl_->store.find_account_by_email(std::move(email));
  const bool may_enter = account && account->active;
  Verified verified = co_await impl_->verify(std::move(password),
                                             may_enter ? account->password_hash : nobodys_hash());
  if (!may_enter || !verified.ok) {
    impl_->counters.login_bad_password.Increment();
    co_return std::nullopt;
  }
  co_await impl_->record_login(account->id, std::move(account->password_hash),
                               std::move(verified.new_hash));
  const std::int64_t now = impl_->now();
  impl_->counters.login_ok.Increment();
  co_return LoggedIn{
      .user = account->id,
      .email = std::move(account->email),
      .tokens = {.access = impl_->tokens.issue(TokenType::access, account->id, now),
                 .refresh = impl_->tokens.issue(TokenType::refresh, account->id, now)}};
}

Task<std::expected<std::string, IdentityFailure>> Accounts::refresh(std::string_view token) {
  const std::int64_t now = impl_->now();
  const auto claims =
      co_await impl_->live_claims(impl_->tokens.verify(TokenType::refresh, token, now));
  if (!claims) co_return std::unexpected(claims.error());
  co_return impl_->tokens.refresh(*claims, now);
}

Task<std::expected<Identity, IdentityFailure>> Accounts::identify(std::string_view token) {
  const auto claims =
      co_await impl_->live_claims(impl_->tokens.verify(TokenType::access, token, impl_->now()));
  if (!claims) co_return std::unexpected(claims.error());
  co_return Identity{.user = claims->user, .token_expires_at = claims->expires_at};
}

Task<bool> Accounts::is_active(UserId user) {
  co_return co_await impl_->activity_of(user) == Activity::active;
}

void Accounts::forget(UserId user) { impl_->cache.forget(user); }

Task<bool> Accounts::set_password(UserId user, std::string password) {
  std::string hash = co_await impl_->hashing(
      [password = std::move(password)] { return hash_password(password); }, nullptr);
  co_return co_await impl_->store.set_password_hash(user, std::move(hash));
}

}  // namespace banter::auth
