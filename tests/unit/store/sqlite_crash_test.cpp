// What a start finds after a process ended at any moment.
#include <map>

#include "store/sqlite/client_ids.hpp"
#include "store/sqlite/commit_record.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

using chat::AppendStatus;

constexpr int talks = 3;

class SqliteCrash : public SqliteFixture {
 protected:
  SqliteStore::Options options(const std::filesystem::path& where) {
    return {.data_dir = where, .writer = {.tail = {.events = 5}}};
  }
};

// With so small a tail every few commits begin a round, so the copies are taken before, within and
// after moving and deleting.
TEST_F(SqliteCrash, EveryMomentOfARoundKeepsEveryLogWhole) {
  const auto store = open(options(data()));
  const auto ann = user(*store, "ann");
  std::map<ConversationId, std::vector<std::string>> expected;
  for (int i = 0; i < talks; ++i) expected[talk(*store, ann)] = {};
  int sent = 0;
  for (int round = 0; round < 12; ++round) {
    std::vector<chat::PendingEvent> batch;
    for (auto& [id, texts] : expected) {
      if ((round + static_cast<int>(id.value)) % talks == 0) continue;
      texts.push_back("m" + std::to_string(++sent));
      batch.push_back(message(id, ann, texts.back(), texts.back()));
    }
    ASSERT_EQ(await(store->append(batch)).size(), batch.size());
    copy_as_crashed(path("crashed"));
    const auto again = open(options(path("crashed")));
    for (const auto& [id, texts] : expected) {
      EXPECT_EQ(log(*again, id), texts) << "round " << round;
      if (texts.empty()) continue;
      const auto resent = append(*again, message(id, ann, texts.front(), texts.front()));
      EXPECT_EQ(resent.status, AppendStatus::duplicate);
      EXPECT_EQ(resent.seq, Seq{1});
      const auto next = append(*again, message(id, ann, "next"));
      EXPECT_EQ(next.seq.value, static_cast<std::int64_t>(texts.size()) + 1);
    }
  }
}

TEST_F(SqliteCrash, AStartClearsWhatARoundHadMovedAlready) {
  auto store = open(options(data()));
  const auto ann = user(*store, "ann");
  const auto id = talk(*store, ann);
  for (int i = 0; i < 9; ++i) append(*store, message(id, ann, "x"));
  store.reset();
  {
    // As if the round had been cut off between moving and deleting.
    Connection connection(data() / "banter.db", Connection::Mode::read_write);
    std::vector<chat::Event> moved;
    Statement select(connection, "SELECT seq, author, at, payload FROM events ORDER BY seq");
    for (auto rows = select.rows(); rows.next();) {
      moved.push_back({.conversation = id,
                       .seq = Seq{rows.integer(0)},
                       .author = UserId{rows.integer(1)},
                       .kind = chat::EventKind::message,
                       .payload = std::string(rows.bytes(3)),
                       .client_id = {},
                       .at = Micros{rows.integer(2)}});
    }
    ASSERT_GE(moved.size(), 5u);
    Statement(connection, "INSERT INTO tail (id, events) VALUES (1000, ?1)")
        .run(Blob{encode_commit(moved)});
  }
  store = open(options(data()));
  EXPECT_EQ(log(*store, id).size(), 9u);
  store.reset();
  Connection connection(data() / "banter.db", Connection::Mode::read_only);
  EXPECT_EQ(connection.query("SELECT count(*) FROM tail WHERE id = 1000"), "0");
}

TEST_F(SqliteCrash, ADamagedTailIsRefusedNotGuessed) {
  open(options(data())).reset();
  {
    Connection connection(data() / "banter.db", Connection::Mode::read_write);
    connection.execute("INSERT INTO tail (id, events) VALUES (1, x'0107')");
  }
  const auto refused = SqliteStore::open(options(data()), metrics_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, OpenFailure::Kind::damaged);
}

TEST_F(SqliteCrash, RoundsMoveEveryClientIdAndKeepTheTailShort) {
  auto store = open(options(data()));
  const auto ann = user(*store, "ann");
  const auto id = talk(*store, ann);
  for (int i = 0; i < 40; ++i) append(*store, message(id, ann, "x", "c" + std::to_string(i)));
  EXPECT_EQ(log(*store, id).size(), 40u);
  store.reset();
  Connection connection(data() / "banter.db", Connection::Mode::read_only);
  EXPECT_EQ(connection.query("SELECT count(*) FROM events"),
            connection.query("SELECT count(*) FROM client_ids"));
  EXPECT_GT(std::stoi(connection.query("SELECT count(*) FROM events")), 20);
  EXPECT_LT(std::stoi(connection.query("SELECT count(*) FROM tail")), 20);
}

TEST_F(SqliteCrash, AFingerprintThatCollidesIsNoDuplicate) {
  auto store = open(options(data()));
  const auto ann = user(*store, "ann");
  const auto id = talk(*store, ann);
  for (int i = 0; i < 9; ++i) append(*store, message(id, ann, "x", "c" + std::to_string(i)));
  store.reset();
  {
    Connection connection(data() / "banter.db", Connection::Mode::read_write);
    ClientIds client_ids(connection);
    client_ids.settle(client_ids.key(id, ann, "other"), Seq{1});
  }
  store = open(options(data()));
  const auto result = append(*store, message(id, ann, "x", "other"));
  EXPECT_EQ(result.status, AppendStatus::stored);
  EXPECT_EQ(result.seq, Seq{10});
  EXPECT_EQ(append(*store, message(id, ann, "x", "other")).seq, Seq{10});
  EXPECT_EQ(append(*store, message(id, ann, "x", "c0")).seq, Seq{1});
}

}  // namespace
}  // namespace banter::store
