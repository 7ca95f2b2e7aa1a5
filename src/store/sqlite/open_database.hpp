// Opens the writing connection of a data directory with the settings the promise needs, and brings
// its schema up to date. Called with the directory locked. Throws SqlError.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/migrate.hpp"

namespace banter::store {

struct OpenOptions {
  std::filesystem::path data_dir;
  bool create = true;
  bool migrate = true;
  std::int64_t pages_max = 0;
  std::string vfs{};
  Migrations known = migrations_sqlite();
};

struct OpenedDatabase {
  std::unique_ptr<Connection> connection;
  int steps_applied = 0;
};

// Recovers what a crash left in the WAL. WAL, synchronous=FULL and foreign keys are set and read
// back.
[[nodiscard]] std::expected<OpenedDatabase, OpenFailure> open_database(const OpenOptions& options);

// What a failure of SQLite while opening means for the operator.
[[nodiscard]] OpenFailure open_failure(const SqlError& error);

}  // namespace banter::store
