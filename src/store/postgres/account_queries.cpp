// PostgresStore's accounts: what is asked, and how the answers are read.
#include <utility>

#include "base/utf8.hpp"
#include "store/postgres/pool.hpp"
#include "store/postgres/postgres_store.hpp"

namespace banter::store {

using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr Statement create_statement{
    "create_account", "SELECT banter.create_account($1::text, $2::text, $3::text, $4::text)"};

#define COLUMNS "id, email, first_name, last_name, password_hash, active, created_at, last_login_at"
constexpr Statement find_statement{"find_account",
                                   "SELECT " COLUMNS " FROM banter.accounts WHERE id = $1::bigint"};
constexpr Statement find_by_email_statement{
    "find_by_email",
    "SELECT " COLUMNS " FROM banter.accounts WHERE email = $1::text COLLATE \"C\""};
constexpr Statement list_statement{"list_accounts",
                                   "SELECT " COLUMNS
                                   " FROM banter.accounts WHERE id > $1::bigint ORDER BY id"
                                   " LIMIT $2::bigint"};
#undef COLUMNS

constexpr Statement set_hash_statement{
    "set_hash",
    "UPDATE banter.accounts SET password_hash = $2::text WHERE id = $1::bigint RETURNING true"};
constexpr Statement set_login_statement{
    "set_login",
    "UPDATE banter.accounts SET last_login_at = $2::bigint WHERE id = $1::bigint RETURNING true"};
constexpr Statement set_active_statement{"set_active",
                                         "SELECT banter.set_active($1::bigint, $2::boolean)"};
constexpr Statement delete_statement{"delete_account", "SELECT banter.delete_account($1::bigint)"};

auth::Account account_of(const Rows& rows, int row) {
  auth::Account account{.id = UserId{rows.integer(row, 0)},
                        .email = std::string(rows.bytes(row, 1)),
                        .first_name = std::string(rows.bytes(row, 2)),
                        .last_name = std::string(rows.bytes(row, 3)),
                        .password_hash = std::string(rows.bytes(row, 4)),
                        .active = rows.boolean(row, 5),
                        .created_at = Micros{rows.integer(row, 6)},
                        .last_login_at = std::nullopt};
  if (const auto at = rows.maybe_integer(row, 7)) account.last_login_at = Micros{*at};
  return account;
}

std::optional<auth::Account> maybe_account(const Rows& rows) {
  if (rows.count() == 0) return std::nullopt;
  return account_of(rows, 0);
}

bool is_true(const Rows& rows) { return rows.count() > 0 && rows.boolean(0, 0); }

}  // namespace

Task<std::expected<UserId, auth::CreateError>> PostgresStore::create_account(
    auth::NewAccount account) {
  Params params;
  params.text(account.email)
      .text(account.first_name)
      .text(account.last_name)
      .text(account.password_hash);
  co_return co_await pool_->query(create_statement, std::move(params),
                                  [](const Rows& rows) -> std::expected<UserId, auth::CreateError> {
                                    if (rows.is_null(0, 0))
                                      return std::unexpected(auth::CreateError::email_taken);
                                    return UserId{rows.integer(0, 0)};
                                  });
}

Task<std::optional<auth::Account>> PostgresStore::find_account(UserId id) {
  Params params;
  params.integer(id.value);
  co_return co_await pool_->query(find_statement, std::move(params), maybe_account);
}

// What PostgreSQL takes for no text is nobody's e-mail.
Task<std::optional<auth::Account>> PostgresStore::find_account_by_email(std::string email) {
  if (email.contains('\0') || !base::is_utf8(email)) co_return std::nullopt;
  Params params;
  params.text(email);
  co_return co_await pool_->query(find_by_email_statement, std::move(params), maybe_account);
}

Task<std::vector<auth::Account>> PostgresStore::list_accounts(UserId after, std::size_t most) {
  Params params;
  params.integer(after.value).integer(static_cast<std::int64_t>(most));
  co_return co_await pool_->query(list_statement, std::move(params), [](const Rows& rows) {
    std::vector<auth::Account> found;
    for (int row = 0; row < rows.count(); ++row) found.push_back(account_of(rows, row));
    return found;
  });
}

Task<bool> PostgresStore::set_password_hash(UserId id, std::string password_hash) {
  Params params;
  params.integer(id.value).text(password_hash);
  co_return co_await pool_->query(set_hash_statement, std::move(params), is_true);
}

Task<bool> PostgresStore::set_active(UserId id, bool active) {
  Params params;
  params.integer(id.value).boolean(active);
  co_return co_await pool_->query(set_active_statement, std::move(params), is_true);
}

Task<bool> PostgresStore::set_last_login(UserId id, Micros at) {
  Params params;
  params.integer(id.value).integer(at.value);
  co_return co_await pool_->query(set_login_statement, std::move(params), is_true);
}

Task<bool> PostgresStore::delete_account(UserId id) {
  Params params;
  params.integer(id.value);
  co_return co_await pool_->query(delete_statement, std::move(params), is_true);
}

}  // namespace banter::store
