#include "relay/redis/cluster_slots.hpp"

#include <gtest/gtest.h>

namespace banter::relay {
namespace {

RespValue value_of(std::string_view bytes) {
  RespParser parser;
  parser.feed(bytes);
  return parser.next().value();
}

// Of the cluster specification, and what redis-cli CLUSTER KEYSLOT says.
TEST(ClusterSlots, AreThoseOfTheSpecification) {
  EXPECT_EQ(slot_of("123456789"), 0x31C3 % 16384);
  EXPECT_EQ(slot_of(""), 0);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("foo{}{bar}"), slot_of(std::string_view("foo{}{bar}")));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
}

TEST(ClusterSlots, ReadsRangesAndTheirMasters) {
  const auto reply = value_of(
      "*2\r\n*4\r\n:0\r\n:5460\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n"
      "*3\r\n$9\r\n127.0.0.1\r\n:7003\r\n$2\r\nid\r\n"
      "*3\r\n:5461\r\n:16383\r\n*3\r\n$0\r\n\r\n:7001\r\n$2\r\nid\r\n");
  const auto ranges = slot_ranges(reply, {.host = "asked", .port = 1});
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].last, 5460);
  EXPECT_EQ(ranges[0].master, (RedisAddress{.host = "127.0.0.1", .port = 7000}));
  EXPECT_EQ(ranges[1].first, 5461);
  EXPECT_EQ(ranges[1].master, (RedisAddress{.host = "asked", .port = 7001}));
}

TEST(ClusterSlots, LeavesOutWhatIsNoRange) {
  const auto reply = value_of(
      "*5\r\n:1\r\n*1\r\n:0\r\n*3\r\n:5\r\n:4\r\n*2\r\n+h\r\n:1\r\n"
      "*3\r\n:0\r\n:16384\r\n*2\r\n+h\r\n:1\r\n*3\r\n:0\r\n:1\r\n*2\r\n+h\r\n:0\r\n");
  EXPECT_TRUE(slot_ranges(reply, {}).empty());
}

TEST(ClusterSlots, FollowsRedirections) {
  const auto moved = redirection_in("MOVED 866 10.0.0.1:7000");
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->for_good);
  EXPECT_EQ(moved->address, (RedisAddress{.host = "10.0.0.1", .port = 7000}));
  const auto ask = redirection_in("ASK 866 fe80::1:7001");
  ASSERT_TRUE(ask);
  EXPECT_FALSE(ask->for_good);
  EXPECT_EQ(ask->address, (RedisAddress{.host = "fe80::1", .port = 7001}));
  EXPECT_EQ(redirection_in("MOVED 866 :7000")->address.host, "");
  for (const char* other : {"ERR x", "MOVED", "MOVED 1 nowhere", "ASK 1 h:x", "TRYAGAIN", ""}) {
    EXPECT_FALSE(redirection_in(other)) << other;
  }
}

TEST(ClusterSlots, KnowsAClusterByItsHello) {
  EXPECT_TRUE(says_cluster(value_of("%2\r\n+server\r\n+redis\r\n+mode\r\n+cluster\r\n")));
  EXPECT_FALSE(says_cluster(value_of("%1\r\n+mode\r\n+standalone\r\n")));
  EXPECT_FALSE(says_cluster(value_of("+OK\r\n")));
}

}  // namespace
}  // namespace banter::relay
