#include "store/sqlite/migrate.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/assert.hpp"
#include "base/clock.hpp"

namespace banter::store {
namespace {

constexpr std::string_view application_id = "1111576148";  // "BANT", set by 0001_initial

// 32 hex digits.
std::string random_word() {
  std::array<std::uint8_t, 16> random{};
  ASSERT(::getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()),
         "getrandom gives up to 256 bytes whole once the kernel's pool is ready");
  std::string word;
  for (const auto byte : random) word += fmt::format("{:02x}", byte);
  return word;
}

void write_meta(Connection& connection, std::string_view key, const std::string& value) {
  Statement(connection, "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")
      .run(key, std::string_view(value));
}

void apply(Connection& connection, const Migration& migration) {
  Transaction transaction(connection, Transaction::Kind::immediate);
  connection.execute(migration.sql);
  if (migration.number == 1) {
    connection.execute(
        "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " applied_at INTEGER NOT NULL) STRICT");
    write_new_epoch(connection);
    write_meta(connection, "client_id_key", random_word());
  }
  Statement(connection, "INSERT INTO migrations (number, name, applied_at) VALUES (?1, ?2, ?3)")
      .run(migration.number, std::string_view(migration.name), wall_now().value);
  transaction.commit();
}

}  // namespace

std::expected<int, OpenFailure> schema_version(Connection& connection, Migrations known) {
  try {
    if (connection.query("SELECT count(*) FROM sqlite_schema") == "0") return 0;
    if (connection.query("PRAGMA application_id") != application_id) {
      return std::unexpected(OpenFailure{.kind = OpenFailure::Kind::not_a_store,
                                         .detail = "the database is not one of Banter"});
    }
    Statement select(connection, "SELECT max(number) FROM migrations");
    auto rows = select.rows();
    const auto version = rows.next() ? static_cast<int>(rows.integer(0)) : 0;
    if (version > static_cast<int>(known.size())) {
      return std::unexpected(OpenFailure{
          .kind = OpenFailure::Kind::newer_schema,
          .detail =
              fmt::format("the database has schema {}, this program knows {}: use a newer one",
                          version, known.size())});
    }
    return version;
  } catch (const SqlError& error) {
    if (error.primary() != SQLITE_NOTADB) throw;
    return std::unexpected(
        OpenFailure{.kind = OpenFailure::Kind::not_a_store, .detail = error.what()});
  }
}

std::expected<int, OpenFailure> migrate(Connection& connection, Migrations known) {
  const auto version = schema_version(connection, known);
  if (!version) return std::unexpected(version.error());
  int applied = 0;
  for (const Migration& migration : known) {
    if (migration.number <= *version) continue;
    apply(connection, migration);
    ++applied;
  }
  return applied;
}

void write_new_epoch(Connection& connection) { write_meta(connection, "epoch", random_word()); }

}  // namespace banter::store
