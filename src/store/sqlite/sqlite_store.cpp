#include "store/sqlite/sqlite_store.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "store/sqlite/open_database.hpp"

namespace banter::store {
namespace {

using Kind = OpenFailure::Kind;

const std::vector<double> read_buckets{0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02, 0.1, 1};

constexpr const char* reader_settings = "PRAGMA cache_size = -4096;";

}  // namespace

struct SqliteStore::ReadTables {
  ReadTables(const std::filesystem::path& file, const std::string& vfs, const Tail& tail)
      : connection(file, Connection::Mode::read_only, vfs),
        conversations(connection, tail),
        accounts(connection) {
    connection.execute(reader_settings);
  }
  Connection connection;
  ConversationReads conversations;
  AccountReads accounts;
};

struct SqliteStore::Appends {
  explicit Appends(base::Metrics& metrics) {
    for (std::size_t i = 0; i < counters.size(); ++i) {
      counters[i] = &metrics.counter("banter_store_appends_total",
                                     "Events given to append, by what became of them",
                                     {{"result", names[i]}});
    }
  }
  // In the order of AppendStatus.
  static constexpr std::array<const char*, 4> names{"stored", "duplicate", "conflict", "forbidden"};
  std::array<prometheus::Counter*, names.size()> counters{};
};

std::expected<std::unique_ptr<SqliteStore>, OpenFailure> SqliteStore::open(Options options,
                                                                           base::Metrics& metrics) {
  if (!options.create && !std::filesystem::exists(options.data_dir)) {
    return std::unexpected(
        OpenFailure{Kind::missing, options.data_dir.string() + " does not exist"});
  }
  auto lock = lock_directory(options.data_dir);
  if (!lock) return std::unexpected(lock.error());
  try {
    auto opened = open_database({.data_dir = options.data_dir,
                                 .create = options.create,
                                 .migrate = options.migrate,
                                 .pages_max = options.pages_max,
                                 .vfs = options.vfs});
    if (!opened) return std::unexpected(opened.error());
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(options), std::move(*lock),
                                                        std::move(opened->connection), metrics));
  } catch (const SqlError& error) {
    return std::unexpected(open_failure(error));
  }
}

std::expected<int, OpenFailure> SqliteStore::migrate(const std::filesystem::path& data_dir) {
  const auto lock = lock_directory(data_dir);
  if (!lock) return std::unexpected(lock.error());
  try {
    const auto opened = open_database({.data_dir = data_dir});
    if (!opened) return std::unexpected(opened.error());
    return opened->steps_applied;
  } catch (const SqlError& error) {
    return std::unexpected(open_failure(error));
  }
}

SqliteStore::SqliteStore(Options options, DirectoryLock lock,
                         std::unique_ptr<Connection> connection, base::Metrics& metrics)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      epoch_(connection->query("SELECT value FROM meta WHERE key = 'epoch'")),
      appends_(std::make_unique<Appends>(metrics)),
      read_seconds_(metrics.histogram("banter_store_read_seconds",
                                      "One question to the store, without the wait for a thread",
                                      read_buckets)),
      writer_(std::move(connection), tail_, options_.writer, metrics),
      readers_({.name = "store-reader",
                .threads = options_.read_threads,
                .queue_max = options_.reads_max}),
      backups_({.name = "store-backup", .threads = 1, .queue_max = 4}) {
  ASSERT(!epoch_.empty() && epoch_.size() <= 32, "the first migration wrote an epoch");
  for (std::size_t i = 0; i < options_.read_threads; ++i) {
    tables_.push_back(
        std::make_unique<ReadTables>(database_file(options_.data_dir), options_.vfs, tail_));
  }
}

SqliteStore::~SqliteStore() = default;

// Runs `work(ReadTables&)` on a read thread; what SQLite throws there leaves as Unavailable.
template <class Work>
auto SqliteStore::reading(Work work) {
  return readers_.run([this, work = std::move(work)](std::size_t thread) mutable {
    const auto start = steady_now();
    try {
      auto found = work(*tables_[thread]);
      read_seconds_.Observe(std::chrono::duration<double>(steady_now() - start).count());
      return found;
    } catch (const SqlError& error) {
      log::error("store_read_failed", {{"code", error.code()}, {"error", error.what()}});
      throw Unavailable("the store could not read");
    }
  });
}

// ---- chat::ConversationStore

Task<std::vector<chat::AppendResult>> SqliteStore::append(
    std::span<const chat::PendingEvent> batch) {
  if (batch.empty()) co_return std::vector<chat::AppendResult>{};
  auto results = co_await writer_.run_events(batch.size(), [batch](WriteTables& tables) {
    return tables.events.append(batch, tables.now);
  });
  count(results);
  co_return results;
}

void SqliteStore::count(const std::vector<chat::AppendResult>& results) {
  std::array<int, Appends::names.size()> seen{};
  for (const auto& result : results) ++seen[static_cast<std::size_t>(result.status)];
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] > 0) appends_->counters[i]->Increment(seen[i]);
  }
}

Task<chat::Stretch> SqliteStore::read(ConversationId conversation, chat::Range range) {
  return reading([conversation, range](ReadTables& tables) {
    return tables.conversations.read(conversation, range);
  });
}

Task<std::optional<chat::Access>> SqliteStore::access(ConversationId conversation, UserId user) {
  return reading([conversation, user](ReadTables& tables) {
    return tables.conversations.access(conversation, user);
  });
}

Task<std::vector<Seq>> SqliteStore::heads(std::span<const ConversationId> conversations) {
  return reading(
      [conversations](ReadTables& tables) { return tables.conversations.heads(conversations); });
}

Task<std::expected<ConversationId, UserId>> SqliteStore::create_conversation(
    UserId creator, std::vector<UserId> members) {
  return writer_.run([creator, wanted = std::move(members)](WriteTables& tables) {
    return tables.conversations.create(creator, wanted, tables.now);
  });
}

Task<std::vector<ConversationId>> SqliteStore::conversations_of(UserId user, std::size_t most) {
  return reading([user, most](ReadTables& tables) {
    return tables.conversations.conversations_of(user, most);
  });
}

Task<std::vector<chat::ConversationSummary>> SqliteStore::list_conversations(ConversationId after,
                                                                             std::size_t most) {
  return reading(
      [after, most](ReadTables& tables) { return tables.conversations.list(after, most); });
}

Task<std::optional<chat::ConversationSummary>> SqliteStore::find_conversation(
    ConversationId conversation) {
  return reading(
      [conversation](ReadTables& tables) { return tables.conversations.find(conversation); });
}

Task<std::vector<chat::Member>> SqliteStore::members_of(ConversationId conversation) {
  return reading(
      [conversation](ReadTables& tables) { return tables.conversations.members_of(conversation); });
}

Task<chat::ConversationStore::MemberChange> SqliteStore::add_member(ConversationId conversation,
                                                                    UserId user) {
  return writer_.run([conversation, user](WriteTables& tables) {
    return tables.conversations.add_member(conversation, user, tables.now);
  });
}

Task<chat::ConversationStore::MemberChange> SqliteStore::remove_member(ConversationId conversation,
                                                                       UserId user) {
  return writer_.run([conversation, user](WriteTables& tables) {
    tables.events.forget_members();
    return tables.conversations.remove_member(conversation, user);
  });
}

Task<bool> SqliteStore::healthy() { co_return writer_.healthy(); }

// ---- auth::AccountStore

Task<std::expected<UserId, auth::CreateError>> SqliteStore::create_account(
    auth::NewAccount account) {
  return writer_.run([wanted = std::move(account)](WriteTables& tables) {
    return tables.accounts.create(wanted, tables.now);
  });
}

Task<std::optional<auth::Account>> SqliteStore::find_account(UserId id) {
  return reading([id](ReadTables& tables) { return tables.accounts.find(id); });
}

Task<std::optional<auth::Account>> SqliteStore::find_account_by_email(std::string email) {
  return reading([wanted = std::move(email)](ReadTables& tables) {
    return tables.accounts.find_by_email(wanted);
  });
}

Task<std::vector<auth::Account>> SqliteStore::list_accounts(UserId after, std::size_t most) {
  return reading([after, most](ReadTables& tables) { return tables.accounts.list(after, most); });
}

Task<bool> SqliteStore::set_password_hash(UserId id, std::string password_hash) {
  return writer_.run([id, hash = std::move(password_hash)](WriteTables& tables) {
    return tables.accounts.set_password_hash(id, hash);
  });
}

Task<bool> SqliteStore::set_active(UserId id, bool active) {
  return writer_.run(
      [id, active](WriteTables& tables) { return tables.accounts.set_active(id, active); });
}

Task<bool> SqliteStore::set_last_login(UserId id, Micros at) {
  return writer_.run(
      [id, at](WriteTables& tables) { return tables.accounts.set_last_login(id, at); });
}

Task<bool> SqliteStore::delete_account(UserId id) {
  return writer_.run([id](WriteTables& tables) {
    tables.events.forget_members();
    return tables.accounts.remove(id);
  });
}

Task<std::expected<void, BackupFailure>> SqliteStore::backup(std::filesystem::path target) {
  return backups_.run([this, wanted = std::move(target)](std::size_t) {
    return write_backup(database_file(options_.data_dir), wanted);
  });
}

}  // namespace banter::store
