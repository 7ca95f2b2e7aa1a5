// Accounts in SQL. AccountReads belongs to one thread of the read pool, AccountWrites to the
// writer's thread, inside its transaction. What each method promises stands in auth/ports.hpp.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/ports.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/sqlite/database.hpp"

namespace banter::store {

class AccountReads {
 public:
  explicit AccountReads(Connection& connection);

  [[nodiscard]] std::optional<auth::Account> find(UserId id);
  [[nodiscard]] std::optional<auth::Account> find_by_email(std::string_view email);
  [[nodiscard]] std::vector<auth::Account> list(UserId after, std::size_t count);

 private:
  Statement select_by_id_;
  Statement select_by_email_;
  Statement select_after_;
};

class AccountWrites {
 public:
  explicit AccountWrites(Connection& connection);

  [[nodiscard]] std::expected<UserId, auth::CreateError> create(const auth::NewAccount& account,
                                                                Micros now);
  [[nodiscard]] bool set_password_hash(UserId id, std::string_view hash);
  [[nodiscard]] bool set_active(UserId id, bool active);
  [[nodiscard]] bool set_last_login(UserId id, Micros at);
  [[nodiscard]] bool remove(UserId id);

 private:
  Connection& connection_;
  Statement select_email_;
  Statement insert_;
  Statement update_password_hash_;
  Statement update_active_;
  Statement update_last_login_;
  Statement delete_memberships_;
  Statement delete_;
};

}  // namespace banter::store
