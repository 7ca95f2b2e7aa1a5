#include "store/sqlite/account_table.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace banter::store {
namespace {

auth::Account account(const Rows& rows) {
  auth::Account found{.id = UserId{rows.integer(0)},
                      .email = std::string(rows.bytes(1)),
                      .first_name = std::string(rows.bytes(2)),
                      .last_name = std::string(rows.bytes(3)),
                      .password_hash = std::string(rows.bytes(4)),
                      .active = rows.integer(5) != 0,
                      .created_at = Micros{rows.integer(6)},
                      .last_login_at = std::nullopt};
  if (const auto at = rows.maybe_integer(7)) found.last_login_at = Micros{*at};
  return found;
}

std::string select(const char* rest) {
  return std::string(
             "SELECT id, email, first_name, last_name, password_hash, active, created_at,"
             " last_login_at FROM accounts ") +
         rest;
}

}  // namespace

AccountReads::AccountReads(Connection& connection)
    : select_by_id_(connection, select("WHERE id = ?1")),
      select_by_email_(connection, select("WHERE email = ?1")),
      select_after_(connection, select("WHERE id > ?1 ORDER BY id LIMIT ?2")) {}

std::optional<auth::Account> AccountReads::find(UserId id) {
  auto rows = select_by_id_.rows(id.value);
  if (!rows.next()) return std::nullopt;
  return account(rows);
}

std::optional<auth::Account> AccountReads::find_by_email(std::string_view email) {
  auto rows = select_by_email_.rows(email);
  if (!rows.next()) return std::nullopt;
  return account(rows);
}

std::vector<auth::Account> AccountReads::list(UserId after, std::size_t count) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  std::vector<auth::Account> found;
  auto rows = select_after_.rows(after.value, std::min(count, most));
  while (rows.next()) found.push_back(account(rows));
  return found;
}

AccountWrites::AccountWrites(Connection& connection)
    : connection_(connection),
      select_email_(connection, "SELECT 1 FROM accounts WHERE email = ?1"),
      insert_(
          connection,
          "INSERT INTO accounts (email, first_name, last_name, password_hash, active, created_at)"
          " VALUES (?1, ?2, ?3, ?4, 1, ?5)"),
      update_password_hash_(connection, "UPDATE accounts SET password_hash = ?2 WHERE id = ?1"),
      update_active_(connection, "UPDATE accounts SET active = ?2 WHERE id = ?1"),
      update_last_login_(connection, "UPDATE accounts SET last_login_at = ?2 WHERE id = ?1"),
      delete_memberships_(connection, "DELETE FROM members WHERE user = ?1"),
      delete_(connection, "DELETE FROM accounts WHERE id = ?1") {}

std::expected<UserId, auth::CreateError> AccountWrites::create(const auth::NewAccount& account,
                                                               Micros now) {
  // Asked first, because an INSERT that meets the UNIQUE constraint would use up a number.
  if (select_email_.rows(std::string_view(account.email)).next()) {
    return std::unexpected(auth::CreateError::email_taken);
  }
  insert_.run(std::string_view(account.email), std::string_view(account.first_name),
              std::string_view(account.last_name), std::string_view(account.password_hash),
              now.value);
  return UserId{connection_.last_id()};
}

bool AccountWrites::set_password_hash(UserId id, std::string_view hash) {
  update_password_hash_.run(id.value, hash);
  return connection_.changes() > 0;
}

bool AccountWrites::set_active(UserId id, bool active) {
  update_active_.run(id.value, active);
  return connection_.changes() > 0;
}

bool AccountWrites::set_last_login(UserId id, Micros at) {
  update_last_login_.run(id.value, at.value);
  return connection_.changes() > 0;
}

bool AccountWrites::remove(UserId id) {
  delete_memberships_.run(id.value);
  delete_.run(id.value);
  return connection_.changes() > 0;
}

}  // namespace banter::store
