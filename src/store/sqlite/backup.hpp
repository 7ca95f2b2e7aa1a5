// Copies of a store: taken while it serves, and put back while nothing does. Blocking; backups run
// on a thread of their own. The signing key is no part of them.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "store/sqlite/data_directory.hpp"

namespace banter::store {

struct BackupFailure {
  enum class Kind {
    exists,  // the file is there already; nothing is overwritten
    failed,  // the outside: disk full, permissions …
  };
  Kind kind = Kind::failed;
  std::string detail;
};

// Writes a consistent copy of the database to `target` (mode 0600), through a temporary file beside
// it: when this returns it is whole and on stable storage, or it is not there. Commits go on
// meanwhile.
[[nodiscard]] std::expected<void, BackupFailure> write_backup(const std::filesystem::path& database,
                                                              const std::filesystem::path& target);

struct RestoreOptions {
  std::filesystem::path backup;
  std::filesystem::path data_dir;
  bool replace = false;  // also when there is a database; that one is lost
};

// Checks the backup (a Banter database, sound, no newer than this program) and makes it the
// database of data_dir, with a new epoch. Takes the directory's lock. A crash before the end leaves
// the old database, perhaps without what only its WAL held.
[[nodiscard]] std::expected<void, OpenFailure> restore_backup(const RestoreOptions& options);

}  // namespace banter::store
