#include "store/postgres/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/postgres/connection.hpp"
#include "store/postgres/migrate.hpp"

namespace banter::store::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string parameter(const Params& params) {
  return {params.pointers()[0], static_cast<std::size_t>(params.lengths()[0])};
}

TEST(PostgresValues, AreBigEndian) {
  Params params;
  params.integer(258);
  EXPECT_EQ(parameter(params), std::string("\0\0\0\0\0\0\1\2", 8));
  EXPECT_EQ(params.formats()[0], 1);
}

TEST(PostgresValues, ReadBackTheArraysTheyWrite) {
  const std::vector<std::int64_t> values{1, -1, INT64_MAX, INT64_MIN, 0};
  Params params;
  params.integers(values);
  EXPECT_EQ(decode_integers(parameter(params)), values);
  Params small;
  small.small_integers(std::vector<std::int16_t>{1, -2});
  EXPECT_THAT(*decode_integers(parameter(small)), ElementsAre(1, -2));
  Params none;
  none.integers({});
  EXPECT_THAT(*decode_integers(parameter(none)), IsEmpty());
}

TEST(PostgresValues, ReadNullAsNought) {
  const std::string bytes(
      "\0\0\0\1\0\0\0\1\0\0\0\x14\0\0\0\2\0\0\0\1\xFF\xFF\xFF\xFF\0\0\0\4\0\0\0\7", 32);
  EXPECT_THAT(*decode_integers(bytes), ElementsAre(0, 7));
}

TEST(PostgresValues, TakeNoOtherBytesForAnArray) {
  Params params;
  params.integers(std::vector<std::int64_t>{1, 2});
  const auto good = parameter(params);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_integers(good.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_integers(good + '\0'));
  auto huge = good;
  huge[12] = '\x7F';  // a size that is not there
  EXPECT_FALSE(decode_integers(huge));
}

TEST(PostgresValues, SendNothingForNull) {
  Params params;
  params.maybe_integer(std::nullopt).text("");
  EXPECT_EQ(params.pointers()[0], nullptr);
  EXPECT_NE(params.pointers()[1], nullptr);
}

TEST(PostgresConnection, FindsTheSqlstateInWhatLibpqSays) {
  EXPECT_EQ(sqlstate_in("connection to server at \"::1\", port 5 failed: FATAL:  28P01: password "
                        "authentication failed for user \"a\" LOCATION:  auth_failed, auth.c:33"),
            "28P01");
  EXPECT_EQ(sqlstate_in("connection to server failed: Connection refused"), "");
  EXPECT_EQ(sqlstate_in(""), "");
  EXPECT_EQ(sqlstate_in("FATAL:  no code: here"), "");
}

TEST(PostgresConnection, WaitsLongerWithEachFailureUpToABound) {
  EXPECT_LE(retry_pause(0), std::chrono::milliseconds(75));
  for (const int failures : {6, 7, 100, 1'000'000}) {
    EXPECT_GE(retry_pause(failures), std::chrono::milliseconds(2'000));
    EXPECT_LE(retry_pause(failures), std::chrono::milliseconds(3'000));
  }
}

TEST(PostgresMigrate, WorksBesideANewerSchemaThatSaysSo) {
  EXPECT_FALSE(newer_than_known(3, 1, 3));
  EXPECT_FALSE(newer_than_known(2, 2, 3));
  EXPECT_FALSE(newer_than_known(5, 3, 3));
  const auto refused = newer_than_known(5, 4, 3);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, OpenFailure::Kind::newer_schema);
}

}  // namespace
}  // namespace banter::store::postgres
