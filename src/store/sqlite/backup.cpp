#include "store/sqlite/backup.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "store/sqlite/database.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/open_database.hpp"

namespace banter::store {
namespace {

namespace fs = std::filesystem;

// A file that goes again unless kept.
class TemporaryFile {
 public:
  // An empty file of mode 0600 beside `target`; empty path: it could not be made, see errno.
  explicit TemporaryFile(const fs::path& target) {
    std::string name = target.string() + ".XXXXXX";
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) return;
    ::close(file);
    path_ = name;
  }
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string reason(const fs::path& path) {
  return path.string() + ": " + std::generic_category().message(errno);
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

OpenFailure failure(std::string detail) { return {.detail = std::move(detail)}; }

std::expected<void, OpenFailure> check_sound(const fs::path& file) {
  try {
    Connection connection(file, Connection::Mode::read_only);
    const auto verdict = connection.query("PRAGMA integrity_check(1)");
    if (verdict != "ok") {
      return std::unexpected(OpenFailure{.kind = OpenFailure::Kind::damaged, .detail = verdict});
    }
    const auto version = schema_version(connection);
    if (!version) return std::unexpected(version.error());
    if (*version > 0) return {};
    return std::unexpected(OpenFailure{.kind = OpenFailure::Kind::not_a_store,
                                       .detail = file.string() + " is an empty database"});
  } catch (const SqlError& error) {
    return std::unexpected(open_failure(error));
  }
}

// The copy gets its new epoch before it gets its name.
std::expected<void, OpenFailure> copy_with_new_epoch(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return std::unexpected(failure(to.string() + ": " + error.message()));
  try {
    Connection connection(to, Connection::Mode::read_write);
    connection.execute("PRAGMA journal_mode = DELETE");
    write_new_epoch(connection);
  } catch (const SqlError& sql) {
    return std::unexpected(failure(sql.what()));
  }
  return {};
}

std::expected<void, OpenFailure> put_in_place(const fs::path& copy, const fs::path& target) {
  if (const auto synced = sync_path(copy); !synced) return std::unexpected(failure(synced.error()));
  // A WAL of the old database must never meet the new one. A crash between these lines leaves the
  // old database without its latest commits: they were to be replaced anyway, and the operator
  // asked.
  for (const char* suffix : {"-wal", "-shm"}) {
    if (::unlink((target.string() + suffix).c_str()) != 0 && errno != ENOENT) {
      return std::unexpected(failure(reason(target.string() + suffix)));
    }
  }
  if (::rename(copy.c_str(), target.c_str()) != 0) {
    return std::unexpected(failure(reason(target)));
  }
  if (const auto synced = sync_path(folder_of(target)); !synced) {
    return std::unexpected(failure(synced.error()));
  }
  return {};
}

}  // namespace

std::expected<void, BackupFailure> write_backup(const fs::path& database, const fs::path& target) {
  using Kind = BackupFailure::Kind;
  if (fs::exists(fs::symlink_status(target))) {
    return std::unexpected(BackupFailure{Kind::exists, target.string() + " exists already"});
  }
  const TemporaryFile copy(target);
  if (copy.path().empty()) return std::unexpected(BackupFailure{Kind::failed, reason(target)});
  try {
    Connection connection(database, Connection::Mode::read_only);
    Statement(connection, "VACUUM INTO ?1").run(std::string_view(copy.path().native()));
  } catch (const SqlError& error) {
    return std::unexpected(BackupFailure{Kind::failed, error.what()});
  }
  if (const auto synced = sync_path(copy.path()); !synced) {
    return std::unexpected(BackupFailure{Kind::failed, synced.error()});
  }
  // link() and not rename(): it refuses where somebody else made the file in the meantime.
  if (::link(copy.path().c_str(), target.c_str()) != 0) {
    return std::unexpected(
        BackupFailure{errno == EEXIST ? Kind::exists : Kind::failed, reason(target)});
  }
  if (const auto synced = sync_path(folder_of(target)); !synced) {
    return std::unexpected(BackupFailure{Kind::failed, synced.error()});
  }
  return {};
}

std::expected<void, OpenFailure> restore_backup(const RestoreOptions& options) {
  if (!fs::exists(options.backup)) {
    return std::unexpected(OpenFailure{.kind = OpenFailure::Kind::missing,
                                       .detail = options.backup.string() + " does not exist"});
  }
  const auto lock = lock_directory(options.data_dir);
  if (!lock) return std::unexpected(lock.error());
  const auto target = database_file(options.data_dir);
  if (fs::exists(target) && !options.replace) {
    return std::unexpected(OpenFailure{.kind = OpenFailure::Kind::exists,
                                       .detail = target.string() + " exists already"});
  }
  if (const auto sound = check_sound(options.backup); !sound) return sound;
  const TemporaryFile copy(target);
  if (copy.path().empty()) return std::unexpected(failure(reason(target)));
  if (const auto copied = copy_with_new_epoch(options.backup, copy.path()); !copied) return copied;
  return put_in_place(copy.path(), target);
}

}  // namespace banter::store
