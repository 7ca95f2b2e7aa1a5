#include "store/sqlite/settler.hpp"

#include "store/sqlite/open_database.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

constexpr ConversationId only{1};

// A settler over a tail that the test fills, one transaction a step.
class Settle : public SqliteFixture {
 protected:
  Settle() {
    std::filesystem::create_directory(data());
    connection_ = std::move(open_database({.data_dir = data()})->connection);
    client_ids_ = std::make_unique<ClientIds>(*connection_);
    settler_ = std::make_unique<Settler>(*connection_, tail_, *client_ids_,
                                         TailLimits{.events = 100, .bytes = 100'000});
  }
  static std::vector<chat::Event> events_after(Seq head, std::size_t count, std::size_t bytes) {
    std::vector<chat::Event> events;
    for (std::size_t i = 0; i < count; ++i) {
      head = head.next();
      events.push_back({.conversation = only,
                        .seq = head,
                        .author = UserId{1},
                        .kind = chat::EventKind::message,
                        .payload = std::string(bytes, 'x'),
                        .client_id = std::to_string(head.value),
                        .at = Micros{1}});
    }
    return events;
  }
  void grow(std::size_t count, std::size_t bytes = 1) {
    auto events = events_after(head_, count, bytes);
    head_ = events.back().seq;
    tail_.change(std::move(events), {});
    ++committed_id_;
  }
  // A transaction that appends so much, which is not counted here.
  void step(std::size_t appended, std::size_t bytes = 1) {
    const auto events = events_after(Seq{0}, appended, bytes);
    Transaction transaction(*connection_, Transaction::Kind::immediate);
    settler_->step(events);
    transaction.commit();
    tail_.change({}, settler_->take_moved());
  }
  std::int64_t count(const char* table) {
    return std::stoll(connection_->query(std::string("SELECT count(*) FROM ") + table));
  }

  Tail tail_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<ClientIds> client_ids_;
  std::unique_ptr<Settler> settler_;
  Seq head_;
  std::int64_t committed_id_ = 0;
};

TEST_F(Settle, NoRoundBeginsBeforeItsTime) {
  grow(99);
  EXPECT_FALSE(settler_->begin_if_due(committed_id_));
  step(1'000);
  EXPECT_EQ(count("events"), 0);
  grow(1);
  EXPECT_TRUE(settler_->begin_if_due(committed_id_));
  EXPECT_FALSE(settler_->begin_if_due(committed_id_)) << "one at a time";
}

TEST_F(Settle, ManyBytesBeginARoundToo) {
  grow(10, 10'000);
  EXPECT_TRUE(settler_->begin_if_due(committed_id_));
}

TEST_F(Settle, AStepMovesTwiceWhatWasAppendedAndAtLeast64) {
  grow(500);
  ASSERT_TRUE(settler_->begin_if_due(committed_id_));
  step(1);
  EXPECT_EQ(count("events"), 64);
  step(100);
  EXPECT_EQ(count("events"), 264);
  EXPECT_EQ(count("client_ids"), 264);
  EXPECT_EQ(tail_.size(), 236u);
}

TEST_F(Settle, AStepKeepsUpWithBytesToo) {
  grow(200, 8'000);
  ASSERT_TRUE(settler_->begin_if_due(committed_id_));
  step(1);
  EXPECT_LE(count("events"), 10) << "64 KiB";
  const auto before = count("events");
  step(50, 8'000);
  EXPECT_GE(count("events") - before, 99);
}

TEST_F(Settle, ARoundEndsThoughItsLogGrowsFasterThanItMoves) {
  grow(200);
  ASSERT_TRUE(settler_->begin_if_due(committed_id_));
  int steps = 0;
  while (!settler_->begin_if_due(committed_id_) && steps < 20) {
    step(1);
    grow(1'000);
    ++steps;
  }
  EXPECT_LE(steps, 6);
  EXPECT_EQ(count("events"), 200) << "what was there when it began, and no more";
}

TEST_F(Settle, WhatWasRolledBackIsMovedAgain) {
  grow(150);
  ASSERT_TRUE(settler_->begin_if_due(committed_id_));
  step(1);
  {
    const Transaction transaction(*connection_, Transaction::Kind::immediate);
    settler_->step({});
  }
  settler_->forget_step();
  EXPECT_EQ(count("events"), 64);
  step(1);
  EXPECT_EQ(count("events"), 128);
  step(1);
  EXPECT_EQ(count("events"), 150);
  EXPECT_EQ(tail_.size(), 0u);
}

TEST_F(Settle, ARoundDeletesTheRowsItMovedAndNoLaterOnes) {
  for (int row = 1; row <= 3; ++row) {
    connection_->execute("INSERT INTO tail VALUES (" + std::to_string(row) + ", x'01')");
    if (row < 3) grow(50);
  }
  settler_->rows_begin_at(1);
  ASSERT_TRUE(settler_->begin_if_due(2));
  for (int i = 0; i < 3; ++i) step(100);
  EXPECT_EQ(connection_->query("SELECT group_concat(id) FROM tail"), "3");
}

}  // namespace
}  // namespace banter::store
