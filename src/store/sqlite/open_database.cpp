#include "store/sqlite/open_database.hpp"

#include <utility>

#include "base/defect.hpp"

namespace banter::store {
namespace {

using Kind = OpenFailure::Kind;

// The cache is wide enough that a transaction over hot pages is not spilled. Checkpoints are the
// writer's own (a WAL hook replaces SQLite's), and one that outgrew its bound is cut back to 64
// MiB.
constexpr const char* settings =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA secure_delete = FAST;"
    "PRAGMA cache_size = -32768;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA busy_timeout = 50;";

// Asking is not enough: a file system without shared memory, say, silently keeps another journal.
void check_settings(Connection& connection) {
  for (const auto& [pragma, wanted] :
       {std::pair{"journal_mode", "wal"}, std::pair{"synchronous", "2"},
        std::pair{"foreign_keys", "1"}}) {
    const auto got = connection.query(std::string("PRAGMA ") + pragma);
    if (got == wanted) continue;
    throw SqlError(SQLITE_ERROR,
                   std::string("SQLite keeps ") + pragma + " = " + got + ", needed is " + wanted);
  }
}

}  // namespace

std::expected<OpenedDatabase, OpenFailure> open_database(const OpenOptions& options) {
  const auto file = database_file(options.data_dir);
  if (!options.create && !std::filesystem::exists(file)) {
    return std::unexpected(OpenFailure{Kind::missing, file.string() + " does not exist"});
  }
  if (const auto created = create_private(file); !created) {
    return std::unexpected(OpenFailure{Kind::failed, created.error()});
  }
  OpenedDatabase opened{
      .connection = std::make_unique<Connection>(file, Connection::Mode::read_write, options.vfs)};
  Connection& connection = *opened.connection;
  // Before anything is written: a file of something else stays as it is.
  const auto version = schema_version(connection, options.known);
  if (!version) return std::unexpected(version.error());
  if (*version > 0 && *version < static_cast<int>(options.known.size()) && !options.migrate) {
    return std::unexpected(
        OpenFailure{Kind::needs_migrate, "the database has an older schema: run `banter migrate`"});
  }
  connection.execute(settings);
  check_settings(connection);
  if (has_defect(Defect::commits_not_flushed)) connection.execute("PRAGMA synchronous = NORMAL");
  if (options.pages_max > 0) {
    connection.execute("PRAGMA max_page_count = " + std::to_string(options.pages_max));
  }
  const auto steps = migrate(connection, options.known);
  if (!steps) return std::unexpected(steps.error());
  opened.steps_applied = *steps;
  if (*version > 0) return opened;
  // SQLite syncs the directory for a WAL it creates, but not for a database.
  if (const auto synced = sync_path(options.data_dir); !synced) {
    return std::unexpected(OpenFailure{Kind::failed, synced.error()});
  }
  return opened;
}

OpenFailure open_failure(const SqlError& error) {
  switch (error.primary()) {
    case SQLITE_NOTADB:
      return {Kind::not_a_store, error.what()};
    case SQLITE_CORRUPT:
      return {Kind::damaged, error.what()};
    default:
      return {Kind::failed, error.what()};
  }
}

}  // namespace banter::store
