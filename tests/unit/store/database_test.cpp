#include "store/sqlite/database.hpp"

#include "store/sqlite/data_directory.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

class Database : public SqliteFixture {
 protected:
  Database() {
    EXPECT_TRUE(create_private(path("test.db")).has_value());
    connection_ = std::make_unique<Connection>(path("test.db"), Connection::Mode::read_write);
    connection_->execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB) STRICT");
  }
  std::unique_ptr<Connection> connection_;
};

TEST_F(Database, GivesBackTextAndBytesWithNulAndEmptyOnes) {
  Statement insert(*connection_, "INSERT INTO t VALUES (?1, ?2, ?3)");
  const std::string nul("a\0b", 3);
  insert.run(1, std::string_view(nul), Blob{nul});
  insert.run(2, std::string_view(), Blob{});
  insert.run(3, nullptr, nullptr);
  Statement select(*connection_, "SELECT text, bytes, typeof(text), typeof(bytes) FROM t");
  auto rows = select.rows();
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.bytes(0), nul);
  EXPECT_EQ(rows.bytes(1), nul);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.bytes(0), "");
  EXPECT_EQ(rows.bytes(2), "text");
  EXPECT_EQ(rows.bytes(3), "blob");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.bytes(2), "null");
  EXPECT_FALSE(rows.maybe_integer(0).has_value());
  EXPECT_FALSE(rows.next());
}

TEST_F(Database, AStatementCanRunAgainAfterItsRowsWentInTheMiddle) {
  connection_->execute("INSERT INTO t (id) VALUES (1), (2), (3)");
  Statement select(*connection_, "SELECT id FROM t WHERE id >= ?1");
  for (int round = 0; round < 2; ++round) {
    auto rows = select.rows(2);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), 2);
  }
  connection_->execute("DROP TABLE t");  // would fail with a statement in the middle
}

TEST_F(Database, ATransactionThatIsNotCommittedNeverWas) {
  {
    const Transaction transaction(*connection_, Transaction::Kind::immediate);
    connection_->execute("INSERT INTO t (id) VALUES (1)");
  }
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(connection_->query("SELECT count(*) FROM t"), "0");
  {
    Transaction transaction(*connection_, Transaction::Kind::immediate);
    connection_->execute("INSERT INTO t (id) VALUES (1)");
    transaction.commit();
  }
  EXPECT_EQ(connection_->query("SELECT count(*) FROM t"), "1");
}

TEST_F(Database, ErrorsNameTheStatementAndTheCode) {
  Statement insert(*connection_, "INSERT INTO t (id) VALUES (?1)");
  insert.run(1);
  try {
    insert.run(1);
    FAIL() << "the same key twice";
  } catch (const SqlError& error) {
    EXPECT_EQ(error.code(), SQLITE_CONSTRAINT_PRIMARYKEY);
    EXPECT_EQ(error.primary(), SQLITE_CONSTRAINT);
    EXPECT_NE(std::string(error.what()).find("INSERT INTO t"), std::string::npos);
  }
  insert.run(2);
  EXPECT_THROW(Statement(*connection_, "SELECT nothing FROM nowhere"), SqlError);
  EXPECT_THROW(Connection(path("none.db"), Connection::Mode::read_only), SqlError);
}

TEST_F(Database, AReadOnlyConnectionCannotWrite) {
  Connection reader(path("test.db"), Connection::Mode::read_only);
  EXPECT_THROW(reader.execute("INSERT INTO t (id) VALUES (1)"), SqlError);
}

}  // namespace
}  // namespace banter::store
