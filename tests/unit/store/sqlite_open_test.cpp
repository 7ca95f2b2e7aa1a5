#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

using Kind = OpenFailure::Kind;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

class SqliteOpen : public SqliteFixture {
 protected:
  Kind refusal(SqliteStore::Options options) {
    auto opened = SqliteStore::open(std::move(options), metrics_);
    EXPECT_FALSE(opened.has_value());
    EXPECT_FALSE(opened.error().detail.empty());
    return opened.error().kind;
  }
};

TEST_F(SqliteOpen, MakesADirectoryNobodyElseCanRead) {
  const auto old = ::umask(0);
  const auto store = open();
  ::umask(old);
  user(*store, "ann");
  EXPECT_EQ(mode_of(data()), 0700u);
  for (const char* name : {"lock", "banter.db", "banter.db-wal", "banter.db-shm"}) {
    EXPECT_EQ(mode_of(data() / name), 0600u) << name;
  }
}

TEST_F(SqliteOpen, ASecondStoreOfTheSameDirectoryIsLockedOut) {
  auto first = open();
  EXPECT_EQ(refusal({.data_dir = data()}), Kind::locked);
  EXPECT_EQ(SqliteStore::migrate(data()).error().kind, Kind::locked);
  first.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(SqliteOpen, AnotherProcessIsLockedOut) {
  const auto store = open();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = lock_directory(data());
    ::_exit(!lock && lock.error().kind == Kind::locked ? 7 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(SqliteOpen, CreatesNothingWhenToldNotTo) {
  EXPECT_EQ(refusal({.data_dir = data(), .create = false}), Kind::missing);
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(SqliteOpen, LeavesAFileOfSomethingElseAsItWas) {
  std::filesystem::create_directory(data());
  const std::string text(5'000, 'x');
  std::ofstream(data() / "banter.db") << text;
  EXPECT_EQ(refusal({.data_dir = data()}), Kind::not_a_store);
  EXPECT_EQ(std::filesystem::file_size(data() / "banter.db"), text.size());
}

TEST_F(SqliteOpen, LeavesTheDatabaseOfSomethingElseAsItWas) {
  std::filesystem::create_directory(data());
  ASSERT_TRUE(create_private(data() / "banter.db").has_value());
  {
    Connection other(data() / "banter.db", Connection::Mode::read_write);
    other.execute("CREATE TABLE theirs (x)");
  }
  EXPECT_EQ(refusal({.data_dir = data()}), Kind::not_a_store);
  Connection other(data() / "banter.db", Connection::Mode::read_only);
  EXPECT_EQ(other.query("SELECT group_concat(name) FROM sqlite_schema"), "theirs");
  EXPECT_EQ(other.query("PRAGMA journal_mode"), "delete");
}

TEST_F(SqliteOpen, RefusesWhereAWalIsImpossible) {
  // This VFS of SQLite's own has no shared memory, and silently keeps another journal.
  EXPECT_EQ(refusal({.data_dir = data(), .vfs = "unix-dotfile"}), Kind::failed);
}

TEST_F(SqliteOpen, SaysWhyADirectoryCannotBeMade) {
  std::ofstream(path("file")) << "x";
  EXPECT_EQ(refusal({.data_dir = path("file") / "data"}), Kind::failed);
  EXPECT_EQ(refusal({.data_dir = path("file")}), Kind::failed);
}

TEST_F(SqliteOpen, TwoStoresHaveTwoEpochs) {
  const auto one = open();
  const auto other = open({.data_dir = path("other")});
  EXPECT_EQ(one->epoch().size(), 32u);
  EXPECT_NE(one->epoch(), other->epoch());
}

TEST_F(SqliteOpen, ClosingLeavesNoWalBehind) {
  auto store = open();
  const auto ann = user(*store, "ann");
  append(*store, message(talk(*store, ann), ann, "hello"));
  store.reset();
  EXPECT_FALSE(std::filesystem::exists(data() / "banter.db-wal"));
}

TEST_F(SqliteOpen, CountsWhatBecameOfEvents) {
  const auto store = open();
  const auto ann = user(*store, "ann");
  const auto id = talk(*store, ann);
  append(*store, message(id, ann, "one", "c1"));
  append(*store, message(id, ann, "one", "c1"));
  append(*store, message(id, ann, "two", "c1"));
  append(*store, message(id, UserId{9}, "x"));
  const auto text = metrics_.text();
  for (const char* result : {"stored", "duplicate", "conflict", "forbidden"}) {
    EXPECT_NE(text.find("banter_store_appends_total{result=\"" + std::string(result) + "\"} 1"),
              std::string::npos)
        << result;
  }
  EXPECT_NE(text.find("banter_store_commit_seconds_count"), std::string::npos);
}

}  // namespace
}  // namespace banter::store
