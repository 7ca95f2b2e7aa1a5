// The blocks that the WAL gets ahead of need: they speed commits up and change nothing else.
#include <functional>
#include <thread>

#include "base/unavailable.hpp"
#include "store/sqlite/open_database.hpp"
#include "unit/store/fault_vfs.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

constexpr std::int64_t wanted_bytes = 3 * WalSpace::slice_bytes + 1'000;

class WalSpaceTest : public SqliteFixture {
 protected:
  ~WalSpaceTest() override { reset_disk_faults(); }

  [[nodiscard]] std::filesystem::path wal() const { return data() / "banter.db-wal"; }
  [[nodiscard]] std::int64_t wal_size() const {
    return static_cast<std::int64_t>(std::filesystem::file_size(wal()));
  }
  [[nodiscard]] SqliteStore::Options options(const std::filesystem::path& where) const {
    return {.data_dir = where,
            .writer = {.wal_bytes = wanted_bytes, .wal_pause = std::chrono::milliseconds(1)},
            .vfs = fault_vfs_name};
  }
  // The writer does it by itself, a slice in each millisecond without a write.
  static void await_condition(const std::function<bool()>& condition) {
    const auto deadline = steady_now() + std::chrono::seconds(10);
    while (!condition() && steady_now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }
  void await_space() {
    await_condition([this] { return wal_size() >= wanted_bytes; });
  }
  // A connection of the kind the writer has, without one.
  std::unique_ptr<Connection> open_connection() {
    EXPECT_TRUE(lock_directory(data()).has_value());
    return std::move(open_database({.data_dir = data()})->connection);
  }
  static void fill(WalSpace& space) {
    while (space.wanted()) space.extend();
  }
};

TEST_F(WalSpaceTest, GrowsTheFileInSlicesAndNoFurther) {
  const auto connection = open_connection();
  WalSpace space(*connection, wanted_bytes);
  std::int64_t before = wal_size();
  int slices = 0;
  while (space.wanted()) {
    space.extend();
    EXPECT_LE(wal_size() - before, WalSpace::slice_bytes);
    before = wal_size();
    ++slices;
  }
  EXPECT_EQ(wal_size(), wanted_bytes);
  EXPECT_EQ(slices, 5) << "the last one finds nothing to do";
}

TEST_F(WalSpaceTest, LeavesAFileThatIsLongEnoughAsItIs) {
  const auto connection = open_connection();
  const auto before = wal_size();
  ASSERT_GT(before, 0) << "the migrations are in it";
  WalSpace space(*connection, before);
  space.extend();
  EXPECT_FALSE(space.wanted());
  EXPECT_EQ(wal_size(), before);
  EXPECT_FALSE(WalSpace(*connection, 0).wanted());
}

TEST_F(WalSpaceTest, TakesNothingOfADiskThatIsAlmostFull) {
  const auto connection = open_connection();
  const auto before = wal_size();
  const auto free = std::filesystem::space(data()).available;
  WalSpace space(*connection, static_cast<std::int64_t>(free));
  space.extend();
  EXPECT_FALSE(space.wanted());
  EXPECT_EQ(wal_size(), before);
}

TEST_F(WalSpaceTest, LeavesTheWalToWhoeverIsWritingToIt) {
  const auto connection = open_connection();
  const auto before = wal_size();
  Connection other(data() / "banter.db", Connection::Mode::read_write);
  const Transaction theirs(other, Transaction::Kind::immediate);
  WalSpace space(*connection, wanted_bytes);
  space.extend();
  EXPECT_FALSE(space.wanted());
  EXPECT_EQ(wal_size(), before);
}

// A WAL that was created and extended, but holds no frame and no header yet.
TEST_F(WalSpaceTest, AWalOfNothingButZerosIsAnEmptyOne) {
  open_connection().reset();
  auto connection = open_connection();
  EXPECT_EQ(connection->query("SELECT count(*) FROM tail"), "0");
  ASSERT_EQ(wal_size(), 0);
  WalSpace space(*connection, wanted_bytes);
  fill(space);
  copy_as_crashed(path("crashed"));
  const auto store = open(options(path("crashed")));
  EXPECT_EQ(log(*store, talk(*store, user(*store, "ann"))).size(), 0u);
}

TEST_F(WalSpaceTest, EveryCommitAmongZerosSurvivesACrash) {
  const auto store = open(options(data()));
  const auto ann = user(*store, "ann");
  const auto id = talk(*store, ann);
  std::vector<std::string> texts;
  for (int i = 0; i < 12; ++i) {
    if (i == 4) await_space();
    texts.push_back("m" + std::to_string(i));
    append(*store, message(id, ann, texts.back(), texts.back()));
    if (i < 4) continue;
    copy_as_crashed(path("crashed"));
    const auto again = open(options(path("crashed")));
    EXPECT_EQ(log(*again, id), texts);
    EXPECT_EQ(append(*again, message(id, ann, texts.front(), texts.front())).seq, Seq{1});
    EXPECT_EQ(append(*again, message(id, ann, "next")).seq.value, i + 2);
  }
}

// Frames of a former life of the WAL stand behind those of this one, and zeros behind them.
TEST_F(WalSpaceTest, ACrashAfterTheWalBeganAnewKeepsEverything) {
  auto connection = open_connection();
  connection->execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB)");
  Statement insert(*connection, "INSERT INTO notes (text) VALUES (zeroblob(20000))");
  for (int i = 0; i < 10; ++i) insert.run();
  WalSpace space(*connection, wanted_bytes);
  fill(space);
  ASSERT_EQ(connection->query("PRAGMA wal_checkpoint(RESTART)").substr(0, 1), "0");
  for (int i = 1; i <= 3; ++i) {
    insert.run();
    EXPECT_EQ(wal_size(), wanted_bytes) << "it is written over, not cut";
    copy_as_crashed(path("crashed"));
    Connection again(path("crashed") / "banter.db", Connection::Mode::read_write);
    EXPECT_EQ(again.query("SELECT count(*) FROM notes"), std::to_string(10 + i));
    EXPECT_EQ(again.query("PRAGMA integrity_check"), "ok");
  }
}

TEST_F(WalSpaceTest, AWalThatWasNeverExtendedOpensAndIsExtended) {
  std::vector<std::string> texts;
  ConversationId id;
  {
    auto plain = options(data());
    plain.writer.wal_bytes = 0;
    const auto store = open(plain);
    const auto ann = user(*store, "ann");
    id = talk(*store, ann);
    for (int i = 0; i < 5; ++i) {
      texts.push_back("m" + std::to_string(i));
      append(*store, message(id, ann, texts.back()));
    }
    EXPECT_LT(wal_size(), WalSpace::slice_bytes);
    copy_as_crashed(path("crashed"));
  }
  std::filesystem::remove_all(data());
  std::filesystem::rename(path("crashed"), data());
  const auto store = open(options(data()));
  await_space();
  EXPECT_EQ(log(*store, id), texts);
}

TEST_F(WalSpaceTest, AWriteThatFailsEndsTheGrowingAndNothingElse) {
  open_connection().reset();
  disk_faults().write_error = SQLITE_FULL;
  const auto store = open(options(data()));
  await_condition([] { return disk_faults().writes_refused > 0; });
  disk_faults().write_error = 0;
  EXPECT_TRUE(await(store->healthy()));
  const auto ann = user(*store, "ann");
  EXPECT_EQ(append(*store, message(talk(*store, ann), ann, "x")).seq, Seq{1});
}

TEST_F(WalSpaceTest, ASyncThatFailsStopsWritingLikeAnyOther) {
  open_connection().reset();
  disk_faults().sync_error = SQLITE_IOERR_FSYNC;
  const auto store = open(options(data()));
  await_condition([&] { return !await(store->healthy()); });
  disk_faults().sync_error = 0;
  EXPECT_THROW(user(*store, "ann"), Unavailable);
}

}  // namespace
}  // namespace banter::store
