#include "store/sqlite/migrate.hpp"

#include <array>

#include "store/sqlite/open_database.hpp"
#include "unit/store/sqlite_fixture.hpp"

namespace banter::store {
namespace {

using Kind = OpenFailure::Kind;

class Migrate : public SqliteFixture {
 protected:
  Migrate() { std::filesystem::create_directory(data()); }

  // The steps of this program and one more.
  [[nodiscard]] static std::array<Migration, 2> with_second(const char* sql) {
    return {migrations_sqlite()[0], Migration{.number = 2, .name = "0002_more", .sql = sql}};
  }
  std::expected<OpenedDatabase, OpenFailure> open_with(Migrations known, bool migrate = true) {
    return open_database({.data_dir = data(), .migrate = migrate, .known = known});
  }
};

TEST_F(Migrate, NumbersRunFromOneAsTheFilesAreNamed) {
  int number = 0;
  for (const auto& migration : migrations_sqlite()) {
    EXPECT_EQ(migration.number, ++number);
    EXPECT_EQ(std::stoi(std::string(migration.name).substr(0, 4)), number);
  }
  EXPECT_GE(number, 1);
}

TEST_F(Migrate, AFreshDatabaseGetsEveryStepAndRecordsIt) {
  const auto opened = open_with(migrations_sqlite());
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->steps_applied, static_cast<int>(migrations_sqlite().size()));
  EXPECT_EQ(opened->connection->query("SELECT name FROM migrations WHERE number = 1"),
            "0001_initial");
  EXPECT_EQ(schema_version(*opened->connection).value(),
            static_cast<int>(migrations_sqlite().size()));
}

TEST_F(Migrate, TwiceChangesNothing) {
  EXPECT_EQ(SqliteStore::migrate(data()).value(), static_cast<int>(migrations_sqlite().size()));
  const auto epoch = open()->epoch();
  EXPECT_EQ(SqliteStore::migrate(data()).value(), 0);
  EXPECT_EQ(open()->epoch(), epoch);
}

TEST_F(Migrate, AppliesOnlyWhatIsMissing) {
  EXPECT_EQ(open_with(migrations_sqlite())->steps_applied, 1);
  const auto more = with_second("CREATE TABLE extra (x INTEGER) STRICT");
  EXPECT_EQ(open_with(more)->steps_applied, 1);
  EXPECT_EQ(open_with(more)->steps_applied, 0);
}

TEST_F(Migrate, AStepThatFailsLeavesTheStepsBeforeIt) {
  const auto broken =
      with_second("CREATE TABLE extra (x INTEGER) STRICT; SELECT nothing FROM nowhere");
  EXPECT_THROW(static_cast<void>(open_with(broken)), SqlError);
  const auto opened = open_with(migrations_sqlite());
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(schema_version(*opened->connection).value(), 1);
  EXPECT_EQ(opened->connection->query("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"),
            "0");
}

TEST_F(Migrate, AnOlderSchemaIsLeftAloneWhenToldSo) {
  ASSERT_TRUE(open_with(migrations_sqlite()).has_value());
  const auto more = with_second("CREATE TABLE extra (x INTEGER) STRICT");
  EXPECT_EQ(open_with(more, false).error().kind, Kind::needs_migrate);
  EXPECT_EQ(open_with(more)->steps_applied, 1);
}

TEST_F(Migrate, ANewerSchemaIsRefused) {
  ASSERT_TRUE(open_with(with_second("CREATE TABLE extra (x INTEGER) STRICT")).has_value());
  const auto refused = SqliteStore::open({.data_dir = data()}, metrics_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Kind::newer_schema);
  EXPECT_EQ(SqliteStore::migrate(data()).error().kind, Kind::newer_schema);
}

}  // namespace
}  // namespace banter::store
