// Accounts: sign up, log in, refresh, and "who is this". The use-cases of auth, as coroutines over
// the store port; one object per process, called from any reactor. Passwords are hashed on a worker
// pool of their own, bounded: past it Unavailable (503 + Retry-After). Knows no conversation.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/ports.hpp"
#include "auth/token.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "base/worker_pool.hpp"

namespace banter::auth {

struct TokenPair {
  std::string access;
  std::string refresh;
};

struct LoggedIn {
  UserId user;
  std::string email;
  TokenPair tokens;
};

// Fields already validated and trimmed (wire/http_json), e-mail lower-cased.
struct SignUp {
  std::string first_name;
  std::string last_name;
  std::string email;
  std::string password;
};

enum class IdentityError : std::uint8_t { token, user_not_found, user_inactive };
struct IdentityFailure {
  IdentityError error = IdentityError::token;
  TokenError token_error = TokenError::invalid_or_expired;  // when error is token
};

// Who sends a request.
struct Identity {
  UserId user;
  std::int64_t token_expires_at = 0;  // Unix seconds
};

// Where the time comes from; tests have their own.
struct Clocks {
  std::function<Micros()> wall = wall_now;
  std::function<SteadyTime()> steady = steady_now;
};

class Accounts {
 public:
  // store, passwords and metrics outlive it.
  Accounts(AccountStore& store, base::WorkerPool& passwords, Tokens tokens, base::Metrics& metrics,
           Clocks clocks = {});
  ~Accounts();

  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  [[nodiscard]] Task<std::expected<UserId, CreateError>> sign_up(SignUp sign_up);
  // nullopt: unknown, inactive or wrong password, in the same time for each; only an account whose
  // Django hash has not been replaced yet costs what Django made it cost. The e-mail as stored (the
  // caller lower-cases it where the contract says so). A Django hash is replaced by Argon2id.
  [[nodiscard]] Task<std::optional<LoggedIn>> log_in(std::string email, std::string password);
  // A live refresh token of an active user -> a new access token. The token is read before the task
  // first waits; so it is in identify().
  [[nodiscard]] Task<std::expected<std::string, IdentityFailure>> refresh(std::string_view token);
  // A live access token of an active user. Whether the user is active is remembered for at most one
  // second, and forgotten at once by forget().
  [[nodiscard]] Task<std::expected<Identity, IdentityFailure>> identify(std::string_view token);
  // Whether the user exists and is active, by the same memory: for a socket that is about to open.
  [[nodiscard]] Task<bool> is_active(UserId user);
  // The account changed (any thread): the next identify() asks the store.
  void forget(UserId user);

  // For operators; the same hashing. The password is trimmed and has_password_length(). False: no
  // such account.
  [[nodiscard]] Task<bool> set_password(UserId user, std::string password);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace banter::auth
