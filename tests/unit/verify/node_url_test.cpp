#include "verify/drive/node_url.hpp"

#include <gtest/gtest.h>

namespace banter::verify {
namespace {

TEST(NodeUrl, HasItsSchemesPort) {
  const auto plain = parse_node_url("http://chat.example.org");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->port, "80");
  EXPECT_EQ(plain->authority(), "chat.example.org");
  const auto tls = parse_node_url("https://chat.example.org/");
  ASSERT_TRUE(tls);
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->port, "443");
  EXPECT_EQ(tls->path, "");
  EXPECT_EQ(tls->authority(), "chat.example.org");
}

TEST(NodeUrl, KeepsPortAndPath) {
  const auto node = parse_node_url("https://127.0.0.1:8443/chat/");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->name, "https://127.0.0.1:8443/chat/");
  EXPECT_EQ(node->host, "127.0.0.1");
  EXPECT_EQ(node->path, "/chat");
  EXPECT_EQ(node->authority(), "127.0.0.1:8443");
}

TEST(NodeUrl, AddressOfSixIsBracketedInTheAuthorityOnly) {
  const auto node = parse_node_url("http://[::1]:8000");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->host, "::1");
  EXPECT_EQ(node->authority(), "[::1]:8000");
}

TEST(NodeUrl, RefusesWhatIsNoNode) {
  for (const auto* text :
       {"", "localhost:8000", "127.0.0.1", "ftp://a", "http://", "http:///x", "http://u:p@a",
        "http://a?b", "http://a#b", "http://a:b", "http://a b", "http://a:99999999"}) {
    EXPECT_FALSE(parse_node_url(text)) << text;
  }
}

}  // namespace
}  // namespace banter::verify
