#include "relay/redis/redis_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace banter::relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(RedisUrl, NamesOneServer) {
  const auto url = parse_redis_url("redis://cache").value();
  EXPECT_THAT(url.hosts, ElementsAre(RedisAddress{.host = "cache", .port = 6379}));
  EXPECT_EQ(url.database, 0);
  EXPECT_FALSE(url.tls);
  EXPECT_TRUE(url.master.empty());
}

TEST(RedisUrl, TakesLoginDatabaseAndTls) {
  const auto url =
      parse_redis_url("rediss://u%40x:p%2Fw%3A@[::1]:7000/3?ca_file=/a%20b.pem").value();
  EXPECT_THAT(url.hosts, ElementsAre(RedisAddress{.host = "::1", .port = 7000}));
  EXPECT_EQ(url.user, "u@x");
  EXPECT_EQ(url.password, "p/w:");
  EXPECT_EQ(url.database, 3);
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.ca_file, "/a b.pem");
  EXPECT_EQ(parse_redis_url("redis://:secret@h").value().password, "secret");
}

TEST(RedisUrl, TakesSeveralWaysIntoACluster) {
  EXPECT_THAT(
      parse_redis_url("redis://a:1,b,c:3/").value().hosts,
      ElementsAre(RedisAddress{.host = "a", .port = 1}, RedisAddress{.host = "b", .port = 6379},
                  RedisAddress{.host = "c", .port = 3}));
}

TEST(RedisUrl, TakesSentinels) {
  const auto url = parse_redis_url("redis+sentinel://:pw@a,b:5000/mymaster/2").value();
  EXPECT_THAT(url.hosts, ElementsAre(RedisAddress{.host = "a", .port = 26379},
                                     RedisAddress{.host = "b", .port = 5000}));
  EXPECT_EQ(url.master, "mymaster");
  EXPECT_EQ(url.database, 2);
  EXPECT_TRUE(parse_redis_url("rediss+sentinel://a/m").value().tls);
}

TEST(RedisUrl, SaysWhatIsWrongWithoutThePassword) {
  for (const char* text :
       {"", "cache:6379", "http://:hunter2@h", "redis://", "redis://:hunter2@", "redis://h:0",
        "redis://h:70000", "redis://h:x", "redis://[::1", "redis://h/x", "redis://h/-1",
        "redis://%zz:hunter2@h", "redis://:hunter2%@h", "redis+sentinel://a",
        "redis+sentinel://a//1", "redis://h?x=1", "redis://h?ca_file=", "redis://h,,b"}) {
    const auto url = parse_redis_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace banter::relay
