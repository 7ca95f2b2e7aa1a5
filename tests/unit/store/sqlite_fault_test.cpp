// What the embedded store does when the disk does not.
#include <future>
#include <thread>

#include "base/unavailable.hpp"
#include "unit/store/fault_vfs.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

using chat::AppendStatus;

class SqliteFault : public SqliteFixture {
 protected:
  SqliteFault() : faults_(disk_faults()), store_(open(options())) {
    ann_ = user(*store_, "ann");
    talk_ = talk(*store_, ann_);
    append(*store_, message(talk_, ann_, "before", "c0"));
  }
  ~SqliteFault() override { reset_disk_faults(); }

  [[nodiscard]] SqliteStore::Options options() const {
    return {.data_dir = data(),
            // What is synced here are commits: no space is made ahead of them.
            .writer = {.full_pause = std::chrono::milliseconds(1), .wal_bytes = 0},
            .vfs = fault_vfs_name};
  }
  void expect_unavailable(const std::string& text, const std::string& client_id) {
    EXPECT_THROW(append(*store_, message(talk_, ann_, text, client_id)), Unavailable) << text;
  }
  // The writer tries again by itself, a millisecond after it found the disk full.
  void await_health() {
    const auto deadline = steady_now() + std::chrono::seconds(10);
    while (!await(store_->healthy()) && steady_now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(await(store_->healthy()));
  }

  DiskFaults& faults_;
  std::unique_ptr<SqliteStore> store_;
  UserId ann_;
  ConversationId talk_;
};

TEST_F(SqliteFault, EveryCommitIsSynced) {
  for (int i = 0; i < 5; ++i) {
    const int before = faults_.syncs;
    append(*store_, message(talk_, ann_, "x"));
    EXPECT_EQ(faults_.syncs, before + 1);
  }
}

TEST_F(SqliteFault, AfterAFailedSyncNothingIsWrittenAnyMore) {
  faults_.sync_error = SQLITE_IOERR_FSYNC;
  expect_unavailable("lost", "c1");
  const int syncs = faults_.syncs;
  faults_.sync_error = 0;
  expect_unavailable("lost", "c1");
  EXPECT_THROW(user(*store_, "bob"), Unavailable);
  EXPECT_FALSE(await(store_->healthy()));
  EXPECT_EQ(faults_.syncs, syncs) << "a failed fsync is never tried again";
  EXPECT_EQ(log(*store_, talk_), std::vector<std::string>{"before"}) << "reads go on";
}

TEST_F(SqliteFault, ARestartAfterAFailedSyncHasWhatWasAcknowledged) {
  faults_.sync_error = SQLITE_IOERR_FSYNC;
  expect_unavailable("unknown", "c1");
  faults_.sync_error = 0;
  store_.reset();
  store_ = open(options());
  EXPECT_TRUE(await(store_->healthy()));
  EXPECT_EQ(append(*store_, message(talk_, ann_, "before", "c0")).status, AppendStatus::duplicate);
  // The outcome was unknown; a resend settles it, one way or the other.
  const auto again = append(*store_, message(talk_, ann_, "unknown", "c1"));
  EXPECT_EQ(again.seq, Seq{2});
  EXPECT_EQ(log(*store_, talk_), (std::vector<std::string>{"before", "unknown"}));
}

TEST_F(SqliteFault, AFullDiskLosesNothingAndIsTriedAgain) {
  faults_.write_error = SQLITE_FULL;
  expect_unavailable("refused", "c1");
  expect_unavailable("refused", "c1");
  EXPECT_FALSE(await(store_->healthy()));
  EXPECT_EQ(log(*store_, talk_), std::vector<std::string>{"before"});
  faults_.write_error = 0;
  await_health();
  const auto again = append(*store_, message(talk_, ann_, "refused", "c1"));
  EXPECT_EQ(again.status, AppendStatus::stored) << "the refused one left no trace";
  EXPECT_EQ(again.seq, Seq{2});
}

TEST_F(SqliteFault, AWriteErrorThatIsNotAFullDiskStopsWriting) {
  faults_.write_error = SQLITE_IOERR_WRITE;
  expect_unavailable("x", "c1");
  faults_.write_error = 0;
  expect_unavailable("x", "c1");
  EXPECT_FALSE(await(store_->healthy()));
}

TEST_F(SqliteFault, MembershipOfAFailedTransactionIsForgotten) {
  const auto bob = user(*store_, "bob");
  faults_.write_error = SQLITE_FULL;
  EXPECT_THROW(static_cast<void>(await(store_->add_member(talk_, bob))), Unavailable);
  faults_.write_error = 0;
  await_health();
  EXPECT_EQ(append(*store_, message(talk_, bob, "x")).status, AppendStatus::forbidden);
}

Task<std::vector<chat::AppendResult>> send(SqliteStore& store, chat::PendingEvent event) {
  const std::vector<chat::PendingEvent> batch{std::move(event)};
  co_return co_await store.append(batch);
}

TEST_F(SqliteFault, WhateverQueuesDuringACommitIsTheNextOne) {
  std::promise<void> reached;
  std::promise<void> go_on;
  {
    const std::scoped_lock lock(faults_.mutex);
    faults_.before_sync = [&, first = true]() mutable {
      if (!std::exchange(first, false)) return;
      reached.set_value();
      go_on.get_future().wait();
    };
  }
  const int before = faults_.syncs;
  contract::Reactors reactors(4);
  std::vector<std::future<std::vector<chat::AppendResult>>> running;
  running.push_back(reactors.spawn(0, send(*store_, message(talk_, ann_, "first"))));
  reached.get_future().wait();
  for (std::size_t i = 0; i < 100; ++i) {
    running.push_back(reactors.spawn(i % 4, send(*store_, message(talk_, ann_, "next"))));
  }
  // Each reactor runs its tasks in order: when this one runs, its sends are queued.
  for (std::size_t i = 0; i < 4; ++i) {
    reactors
        .spawn(
            i,
            [](SqliteStore& store) -> Task<bool> { co_return co_await store.healthy(); }(*store_))
        .get();
  }
  go_on.set_value();
  std::int64_t last = 0;
  for (auto& each : running) last = std::max(last, each.get().at(0).seq.value);
  EXPECT_EQ(last, 102);
  EXPECT_EQ(faults_.syncs, before + 2);
}

TEST_F(SqliteFault, NobodyIsAnsweredBeforeTheSync) {
  std::promise<void> reached;
  std::promise<void> go_on;
  {
    const std::scoped_lock lock(faults_.mutex);
    faults_.before_sync = [&] {
      reached.set_value();
      go_on.get_future().wait();
    };
  }
  contract::Reactors reactors(1);
  auto running = reactors.spawn(0, send(*store_, message(talk_, ann_, "x")));
  reached.get_future().wait();
  EXPECT_EQ(running.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(await(store_->read(talk_, {.count = 9})).head, Seq{1}) << "nor is it read";
  go_on.set_value();
  EXPECT_EQ(running.get().at(0).seq, Seq{2});
}

TEST(SqliteLimit, AStoreThatMayNotGrowRefusesAndKeepsWhatItHas) {
  contract::TemporaryDirectory directory;
  base::Metrics metrics;
  auto store = std::move(*SqliteStore::open(
      {.data_dir = directory.path() / "data", .pages_max = 64, .writer = {.tail = {.events = 4}}},
      metrics));
  const auto ann = await(store->create_account(
                             {.email = "", .first_name = "", .last_name = "", .password_hash = ""}))
                       .value();
  const auto talk = await(store->create_conversation(ann, {})).value();
  std::int64_t stored = 0;
  bool refused = false;
  while (!refused && stored < 1'000) {
    const std::vector<chat::PendingEvent> batch{{.conversation = talk,
                                                 .author = ann,
                                                 .kind = chat::EventKind::message,
                                                 .payload = std::string(8'192, 'x'),
                                                 .client_id = std::to_string(stored)}};
    try {
      const auto results = await(store->append(batch));
      EXPECT_EQ(results.at(0).seq.value, ++stored);
    } catch (const Unavailable&) {
      refused = true;
    }
  }
  EXPECT_TRUE(refused);
  EXPECT_GT(stored, 5);
  EXPECT_FALSE(await(store->healthy()));
  EXPECT_EQ(await(store->read(talk, {.count = 1'000})).events.size(),
            static_cast<std::size_t>(stored));
}

}  // namespace
}  // namespace banter::store
