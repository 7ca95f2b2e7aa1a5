// SqliteStore: the embedded store, both ports on one SQLite file. Owned by app; any reactor calls
// it. Writes go through the Writer's thread, reads through two threads with a read-only connection
// each. While it is open it holds the lock of its data directory: no other process writes there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auth/ports.hpp"
#include "base/metrics.hpp"
#include "base/worker_pool.hpp"
#include "chat/ports.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/tail.hpp"
#include "store/sqlite/writer.hpp"

namespace banter::store {

class SqliteStore final : public chat::ConversationStore, public auth::AccountStore {
 public:
  struct Options {
    std::filesystem::path data_dir{};
    bool create = true;   // where there is none; else `missing`
    bool migrate = true;  // else `needs_migrate` for an older schema
    std::size_t read_threads = 2;
    std::size_t reads_max = 1'024;  // waiting; past it Unavailable
    // Of 4 KiB; a store at its limit answers as a full disk does. 0: none.
    std::int64_t pages_max = 0;
    Writer::Options writer{};
    std::string vfs{};  // SQLite's name for its way to the disk; empty: the default
  };
  // Takes the lock, recovers what a crash left, migrates. Metrics outlive the store.
  [[nodiscard]] static std::expected<std::unique_ptr<SqliteStore>, OpenFailure> open(
      Options options, base::Metrics& metrics);
  // `banter migrate`: only that. How many steps were applied.
  [[nodiscard]] static std::expected<int, OpenFailure> migrate(
      const std::filesystem::path& data_dir);
  ~SqliteStore() override;

  [[nodiscard]] Task<std::vector<chat::AppendResult>> append(
      std::span<const chat::PendingEvent> batch) override;
  [[nodiscard]] Task<chat::Stretch> read(ConversationId conversation, chat::Range range) override;
  [[nodiscard]] Task<std::optional<chat::Access>> access(ConversationId conversation,
                                                         UserId user) override;
  [[nodiscard]] Task<std::vector<Seq>> heads(
      std::span<const ConversationId> conversations) override;
  [[nodiscard]] Task<std::expected<ConversationId, UserId>> create_conversation(
      UserId creator, std::vector<UserId> members) override;
  [[nodiscard]] Task<std::vector<ConversationId>> conversations_of(UserId user,
                                                                   std::size_t count) override;
  [[nodiscard]] Task<std::vector<chat::ConversationSummary>> list_conversations(
      ConversationId after, std::size_t count) override;
  [[nodiscard]] Task<std::optional<chat::ConversationSummary>> find_conversation(
      ConversationId conversation) override;
  [[nodiscard]] Task<std::vector<chat::Member>> members_of(ConversationId conversation) override;
  [[nodiscard]] Task<MemberChange> add_member(ConversationId conversation, UserId user) override;
  [[nodiscard]] Task<MemberChange> remove_member(ConversationId conversation, UserId user) override;
  [[nodiscard]] std::string epoch() const override { return epoch_; }
  [[nodiscard]] Task<bool> healthy() override;

  [[nodiscard]] Task<std::expected<UserId, auth::CreateError>> create_account(
      auth::NewAccount account) override;
  [[nodiscard]] Task<std::optional<auth::Account>> find_account(UserId id) override;
  [[nodiscard]] Task<std::optional<auth::Account>> find_account_by_email(
      std::string email) override;
  [[nodiscard]] Task<std::vector<auth::Account>> list_accounts(UserId after,
                                                               std::size_t count) override;
  [[nodiscard]] Task<bool> set_password_hash(UserId id, std::string password_hash) override;
  [[nodiscard]] Task<bool> set_active(UserId id, bool active) override;
  [[nodiscard]] Task<bool> set_last_login(UserId id, Micros at) override;
  [[nodiscard]] Task<bool> delete_account(UserId id) override;

  // A consistent copy while serving; see write_backup. One at a time, others wait.
  [[nodiscard]] Task<std::expected<void, BackupFailure>> backup(std::filesystem::path target);

 private:
  struct ReadTables;
  struct Appends;

  SqliteStore(Options options, DirectoryLock lock, std::unique_ptr<Connection> connection,
              base::Metrics& metrics);
  template <class Work>
  auto reading(Work work);
  void count(const std::vector<chat::AppendResult>& results);

  Options options_;
  DirectoryLock lock_;
  std::string epoch_;
  std::unique_ptr<Appends> appends_;
  prometheus::Histogram& read_seconds_;
  Tail tail_;
  Writer writer_;
  std::vector<std::unique_ptr<ReadTables>> tables_;  // by thread of readers_
  base::WorkerPool readers_;
  base::WorkerPool backups_;
};

}  // namespace banter::store
