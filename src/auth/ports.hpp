// What auth needs from a store. Texts are UTF-8 without NUL, but for the e-mail that is looked for.
// The same rules as chat/ports.hpp: called from any reactor, resumes on the caller's, answers in
// the return type, Unavailable for accidents.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"

namespace banter::auth {

struct Account {
  UserId id;
  std::string email;  // lower-cased, unique
  std::string first_name;
  std::string last_name;
  std::string password_hash;  // PHC string of Argon2id, or Django's pbkdf2_sha256$...
  bool active = true;
  Micros created_at;
  std::optional<Micros> last_login_at;
};

struct NewAccount {
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string password_hash;
};

enum class CreateError { email_taken };

class AccountStore {
 public:
  virtual ~AccountStore() = default;
  // Durable when it returns. E-mail is unique by its bytes (the caller lower-cases it), inactive
  // accounts included. Of several at once with one e-mail, exactly one wins.
  [[nodiscard]] virtual Task<std::expected<UserId, CreateError>> create_account(
      NewAccount account) = 0;
  [[nodiscard]] virtual Task<std::optional<Account>> find_account(UserId id) = 0;
  [[nodiscard]] virtual Task<std::optional<Account>> find_account_by_email(std::string email) = 0;
  // Accounts with id above `after`, ascending, at most `count`.
  [[nodiscard]] virtual Task<std::vector<Account>> list_accounts(UserId after,
                                                                 std::size_t count) = 0;
  // False: no such account. All are durable when they return.
  [[nodiscard]] virtual Task<bool> set_password_hash(UserId id, std::string password_hash) = 0;
  [[nodiscard]] virtual Task<bool> set_active(UserId id, bool active) = 0;
  [[nodiscard]] virtual Task<bool> set_last_login(UserId id, Micros at) = 0;
  // Removes the account and its memberships; its messages stay, under its number.
  [[nodiscard]] virtual Task<bool> delete_account(UserId id) = 0;
};

}  // namespace banter::auth
