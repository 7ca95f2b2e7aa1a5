#include "http/host_check.hpp"

#include <gtest/gtest.h>

namespace banter::http {
namespace {

TEST(AllowedHosts, TakeAnyWellFormedHostByDefault) {
  const AllowedHosts any;
  for (const auto* host : {"localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000",
                           "[fe80::1.2.3.4]", "a-b.example.com.", "x"}) {
    EXPECT_TRUE(any.allows(std::string_view(host))) << host;
    EXPECT_TRUE(AllowedHosts({"*"}).allows(std::string_view(host))) << host;
    EXPECT_TRUE(AllowedHosts(std::vector<std::string>{}).allows(std::string_view(host))) << host;
  }
  EXPECT_TRUE(any.allows(std::nullopt));
}

TEST(AllowedHosts, RefuseMalformedHosts) {
  const AllowedHosts any;
  for (const auto* host : {"", " ", "a b", "a:", "a:x", "a:1:2", ":80", "[::1", "::1", "[]",
                           "[]:80", "a/b", "a@b", "a?b", "under_score", "ä", "[::1]x", "[xyz:1]"}) {
    EXPECT_FALSE(any.allows(std::string_view(host))) << host;
  }
}

TEST(AllowedHosts, MatchWholeNamesAndSuffixes) {
  const AllowedHosts hosts({"Chat.example.com", ".internal", "[::1]"});
  for (const auto* host : {"chat.example.com", "CHAT.EXAMPLE.COM:8000", "chat.example.com.",
                           "internal", "a.internal", "a.b.internal:1", "[::1]:80"}) {
    EXPECT_TRUE(hosts.allows(std::string_view(host))) << host;
  }
  for (const auto* host : {"example.com", "xchat.example.com", "a.chat.example.com", "xinternal",
                           "internal.x", "[::2]", "localhost"}) {
    EXPECT_FALSE(hosts.allows(std::string_view(host))) << host;
  }
  EXPECT_FALSE(hosts.allows(std::nullopt));
}

}  // namespace
}  // namespace banter::http
