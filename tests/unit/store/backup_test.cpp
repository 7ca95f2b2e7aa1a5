#include "store/sqlite/backup.hpp"

#include <sys/stat.h>

#include <fstream>

#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

using Kind = OpenFailure::Kind;

class Backup : public SqliteFixture {
 protected:
  void fill(int count) {
    store_ = open();
    ann_ = user(*store_, "ann");
    talk_ = talk(*store_, ann_);
    for (int i = 0; i < count; ++i) append(*store_, message(talk_, ann_, std::to_string(i)));
  }
  Kind refusal(const std::filesystem::path& backup, bool replace = false) {
    const auto restored =
        restore_backup({.backup = backup, .data_dir = path("restored"), .replace = replace});
    EXPECT_FALSE(restored.has_value());
    return restored ? Kind::failed : restored.error().kind;
  }
  std::unique_ptr<SqliteStore> store_;
  UserId ann_;
  ConversationId talk_;
};

TEST_F(Backup, HoldsWhatWasStoredAndNobodyElseCanReadIt) {
  fill(20);
  ASSERT_TRUE(await(store_->backup(path("copy"))).has_value());
  struct stat status{};
  ASSERT_EQ(::stat(path("copy").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  ASSERT_TRUE(restore_backup({.backup = path("copy"), .data_dir = path("restored")}).has_value());
  const auto restored = open({.data_dir = path("restored")});
  EXPECT_EQ(log(*restored, talk_), log(*store_, talk_));
  EXPECT_EQ(log(*restored, talk_).size(), 20u);
}

TEST_F(Backup, OverwritesNothingAndLeavesNothingBehind) {
  fill(1);
  std::ofstream(path("copy")) << "precious";
  const auto refused = await(store_->backup(path("copy")));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, BackupFailure::Kind::exists);
  EXPECT_EQ(std::filesystem::file_size(path("copy")), 8u);
  const auto nowhere = await(store_->backup(path("no/such/folder")));
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().kind, BackupFailure::Kind::failed);
  ASSERT_TRUE(await(store_->backup(path("other"))).has_value());
  std::size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator(path(""))) {
    files += each.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 2u) << "copy and other, no temporary files";
}

Task<int> keep_appending(SqliteStore& store, ConversationId talk, UserId author, int count) {
  for (int i = 0; i < count; ++i) {
    const std::vector<chat::PendingEvent> batch{{.conversation = talk,
                                                 .author = author,
                                                 .kind = chat::EventKind::message,
                                                 .payload = std::to_string(i),
                                                 .client_id = {}}};
    const auto results = co_await store.append(batch);
    EXPECT_EQ(results.at(0).seq.value, i + 1);
  }
  co_return count;
}

TEST_F(Backup, TakenWhileAppendingIsAPrefixOfTheLog) {
  fill(0);
  contract::Reactors reactors(1);
  auto running = reactors.spawn(0, keep_appending(*store_, talk_, ann_, 300));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(await(store_->backup(path("copy" + std::to_string(i)))).has_value());
  }
  EXPECT_EQ(running.get(), 300);
  for (int i = 0; i < 3; ++i) {
    const auto where = path("restored" + std::to_string(i));
    ASSERT_TRUE(restore_backup({.backup = path("copy" + std::to_string(i)), .data_dir = where})
                    .has_value());
    const auto restored = open({.data_dir = where});
    const auto texts = log(*restored, talk_);
    for (std::size_t n = 0; n < texts.size(); ++n) EXPECT_EQ(texts[n], std::to_string(n));
  }
}

TEST_F(Backup, ARestoredStoreHasANewEpochAndGoesOn) {
  fill(3);
  const auto epoch = store_->epoch();
  ASSERT_TRUE(await(store_->backup(path("copy"))).has_value());
  ASSERT_TRUE(restore_backup({.backup = path("copy"), .data_dir = path("restored")}).has_value());
  const auto restored = open({.data_dir = path("restored")});
  EXPECT_NE(restored->epoch(), epoch);
  EXPECT_EQ(restored->epoch().size(), 32u);
  EXPECT_EQ(append(*restored, message(talk_, ann_, "next")).seq, Seq{4});
  EXPECT_EQ(user(*restored, "bob"), UserId{2});
}

TEST_F(Backup, ADatabaseIsOnlyReplacedOnRequest) {
  fill(3);
  ASSERT_TRUE(await(store_->backup(path("copy"))).has_value());
  {
    const auto old = open({.data_dir = path("restored")});
    user(*old, "somebody");
  }
  EXPECT_EQ(refusal(path("copy")), Kind::exists);
  EXPECT_EQ(await(open({.data_dir = path("restored")})->list_accounts(UserId{0}, 9)).at(0).email,
            "somebody");
  ASSERT_TRUE(
      restore_backup({.backup = path("copy"), .data_dir = path("restored"), .replace = true})
          .has_value());
  EXPECT_EQ(await(open({.data_dir = path("restored")})->list_accounts(UserId{0}, 9)).at(0).email,
            "ann");
}

TEST_F(Backup, AnOldWalNeverMeetsTheNewDatabase) {
  fill(3);
  ASSERT_TRUE(await(store_->backup(path("copy"))).has_value());
  append(*store_, message(talk_, ann_, "after the backup"));
  copy_as_crashed(path("restored"));
  ASSERT_TRUE(std::filesystem::exists(path("restored") / "banter.db-wal"));
  ASSERT_TRUE(
      restore_backup({.backup = path("copy"), .data_dir = path("restored"), .replace = true})
          .has_value());
  EXPECT_EQ(log(*open({.data_dir = path("restored")}), talk_).size(), 3u);
}

TEST_F(Backup, ARunningStoreIsNotReplaced) {
  fill(1);
  ASSERT_TRUE(await(store_->backup(path("copy"))).has_value());
  const auto running = open({.data_dir = path("restored")});
  EXPECT_EQ(refusal(path("copy"), true), Kind::locked);
}

TEST_F(Backup, WhatIsNoBackupIsRefusedAndNothingIsMade) {
  std::ofstream(path("text")) << std::string(5'000, 'x');
  std::ofstream(path("empty")) << "";
  EXPECT_EQ(refusal(path("nothing")), Kind::missing);
  EXPECT_EQ(refusal(path("text")), Kind::not_a_store);
  EXPECT_EQ(refusal(path("empty")), Kind::not_a_store);
  {
    ASSERT_TRUE(create_private(path("other.db")).has_value());
    Connection other(path("other.db"), Connection::Mode::read_write);
    other.execute("CREATE TABLE theirs (x)");
  }
  EXPECT_EQ(refusal(path("other.db")), Kind::not_a_store);
  EXPECT_FALSE(std::filesystem::exists(path("restored") / "banter.db"));
}

TEST_F(Backup, ADamagedOneIsRefused) {
  fill(300);
  ASSERT_TRUE(await(store_->backup(path("copy"))).has_value());
  // The ends of pages hold their cells; the headers at their starts stay readable.
  std::fstream file(path("copy"), std::ios::in | std::ios::out | std::ios::binary);
  for (std::streamoff page = 2; page * 4096 < 16 * 4096; ++page) {
    file.seekp(page * 4096 + 2048);
    file << std::string(2048, '\xAA');
  }
  file.close();
  EXPECT_EQ(refusal(path("copy")), Kind::damaged);
  EXPECT_FALSE(std::filesystem::exists(path("restored") / "banter.db"));
}

}  // namespace
}  // namespace banter::store
