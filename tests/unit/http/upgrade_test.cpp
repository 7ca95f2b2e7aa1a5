#include "http/upgrade.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

constexpr std::string_view handshake =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

class Upgrade : public testing::Test {
 protected:
  Reply refused(const std::string& path, std::string_view lines = handshake) {
    auto client = rig_.connect();
    const auto reply = client.ask(get(path, lines));
    EXPECT_EQ(reply.header("connection"), "close") << path;
    EXPECT_TRUE(rig_.upgrades.empty()) << path;
    return reply;
  }
  UpgradeRequest granted(const std::string& path, std::string_view lines = handshake) {
    rig_.upgrades.clear();
    auto client = rig_.connect();
    client.send(get(path, lines));
    EXPECT_TRUE(client.closed()) << "the handler of the rig closes";
    if (rig_.upgrades.size() != 1) {
      ADD_FAILURE() << path << " was refused";
      return {};
    }
    return rig_.upgrades.front().request;
  }
  std::string with_token(const std::string& more = "") {
    return "?token=" + rig_.token(alice_) + more;
  }

  Rig rig_;
  UserId alice_ = rig_.add_user("alice@example.com");
  UserId carol_ = rig_.add_user("carol@example.com");
  ConversationId room_ = rig_.add_conversation(alice_, {});
  std::string path_ = "/ws/chat/" + std::to_string(room_.value) + "/";
};

TEST_F(Upgrade, ComputesTheKeyOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_F(Upgrade, HandsTheStreamOverWithWhatIsKnown) {
  rig_.add_message(room_, alice_, "hello");
  const auto request = granted(path_ + with_token());
  EXPECT_EQ(request.conversation, room_);
  EXPECT_EQ(request.identity.user, alice_);
  EXPECT_GT(request.identity.token_expires_at, 0);
  EXPECT_EQ(request.access.head, Seq{1});
  EXPECT_EQ(request.since, std::nullopt);
  EXPECT_FALSE(request.since_latest);
  EXPECT_THAT(request.head_101, testing::StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(request.head_101,
              testing::HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(request.head_101,
              testing::HasSubstr("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(request.head_101, testing::EndsWith("\r\n\r\n"));
}

TEST_F(Upgrade, PassesOnWhatTheClientSentEarly) {
  auto client = rig_.connect();
  client.send(get(path_ + with_token(), handshake) + "early bytes");
  EXPECT_TRUE(client.closed());
  ASSERT_EQ(rig_.upgrades.size(), 1U);
  EXPECT_EQ(rig_.upgrades.front().request.early_bytes, "early bytes");
}

TEST_F(Upgrade, WaitsForEarlierAnswersToLeave) {
  auto client = rig_.connect();
  client.send(get("/livez") + get(path_ + with_token(), handshake));
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(rig_.upgrades.size(), 1U);
}

TEST_F(Upgrade, FindsItsPathAsTheOriginalDid) {
  granted("//ws/chat/" + std::to_string(room_.value) + "/" + with_token());
  granted("/ws/chat/000" + std::to_string(room_.value) + "/" + with_token());
  for (const auto* path : {"/ws/chat/1", "/ws/chat/1/x", "/ws/chat/-1/", "/ws/chat/abc/",
                           "/ws/chat//", "/ws/nope/", "/healthz", "/"}) {
    rig_.upgrades.clear();
    EXPECT_EQ(refused(path + with_token()).status, 404) << path;
  }
}

TEST_F(Upgrade, TakesTheFirstTokenOfTheQueryOnly) {
  granted(path_ + with_token("&token=bad"));
  granted(path_ + "?a=b&token=" + rig_.token(alice_));
  auto token = rig_.token(alice_);
  token.replace(token.find('.'), 1, "%2E");
  granted(path_ + "?token=" + token);
  rig_.upgrades.clear();
  const auto good = rig_.token(alice_);
  for (const auto& query : {std::string(), std::string("?token="), std::string("?token"),
                            std::string("?token=abc"), "?token=bad&token=" + good, "?TOKEN=" + good,
                            "?a=b;token=" + good, "?token=" + rig_.token(carol_)}) {
    const auto reply = refused(path_ + query);
    EXPECT_EQ(reply.status, 403) << query;
    EXPECT_EQ(reply.header("content-type"), "text/plain");
    EXPECT_EQ(reply.header("content-length"), "0");
  }
  EXPECT_EQ(refused(path_, std::string(handshake) + bearer(good)).status, 403);
  EXPECT_EQ(refused("/ws/chat/0/" + with_token()).status, 403);
  EXPECT_EQ(refused("/ws/chat/99999999999999999999/" + with_token()).status, 403);
  EXPECT_EQ(refused("/ws/chat/999/" + with_token()).status, 403);
}

TEST_F(Upgrade, ReadsWhereToResume) {
  EXPECT_EQ(granted(path_ + with_token("&since=7&epoch=abc")).since, Seq{7});
  EXPECT_EQ(granted(path_ + with_token("&since=7&epoch=abc")).epoch, "abc");
  EXPECT_EQ(granted(path_ + with_token("&since=0")).since, Seq{0});
  EXPECT_TRUE(granted(path_ + with_token("&since=latest")).since_latest);
  rig_.upgrades.clear();
  for (const auto* query :
       {"&since=", "&since", "&since=-1", "&since=%2B1", "&since=1.0", "&since=x", "&since=Latest",
        "&since=99999999999999999999", "&since=1&since=1", "&epoch=a&epoch=a",
        "&epoch=123456789012345678901234567890123", "&epoch=a%20b", "&epoch=%C3%A4"}) {
    const auto reply = refused(path_ + with_token(query));
    EXPECT_EQ(reply.status, 400) << query;
    EXPECT_EQ(reply.header("content-type"), "application/json") << query;
  }
}

TEST_F(Upgrade, RefusesBadHandshakes) {
  const std::string good(handshake);
  const auto without = [&](std::string_view line) {
    auto lines = good;
    const auto at = lines.find(line);
    return lines.erase(at, lines.find("\r\n", at) + 2 - at);
  };
  EXPECT_EQ(refused(path_ + with_token(), without("Upgrade")).status, 426);
  EXPECT_EQ(refused(path_ + with_token(), without("Connection")).status, 426);
  EXPECT_EQ(refused(path_ + with_token(), without("Sec-WebSocket-Version")).status, 400);
  EXPECT_EQ(refused(path_ + with_token(), without("Sec-WebSocket-Key")).status, 400);
  const auto old = refused(path_ + with_token(),
                           without("Sec-WebSocket-Version") + "Sec-WebSocket-Version: 8\r\n");
  EXPECT_EQ(old.status, 426);
  EXPECT_EQ(old.header("sec-websocket-version"), "13");
  for (const auto* key : {"abc", "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ!!",
                          "dGhlIHNhbXBsZSBub25jZQ===="}) {
    EXPECT_EQ(refused(path_ + with_token(),
                      without("Sec-WebSocket-Key") + "Sec-WebSocket-Key: " + key + "\r\n")
                  .status,
              400)
        << key;
  }
  EXPECT_EQ(refused(path_ + with_token(), without("Upgrade") + "Upgrade: h2c\r\n").status, 426);
  granted(path_ + with_token(), without("Upgrade") + "Upgrade: WebSocket\r\n");
  granted(path_ + with_token(), without("Connection") + "Connection: keep-alive, Upgrade\r\n");
}

TEST_F(Upgrade, RefusesOtherMethods) {
  auto client = rig_.connect();
  EXPECT_EQ(client
                .ask("POST " + path_ + with_token() + " HTTP/1.1\r\nHost: a\r\n" +
                     std::string(handshake) + "\r\n")
                .status,
            405);
}

TEST_F(Upgrade, LeavesOtherUpgradesOfOrdinaryPathsAlone) {
  auto client = rig_.connect();
  EXPECT_EQ(
      client.ask(get("/livez", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n")).status,
      200);
}

TEST(UpgradeOrigin, IsCheckedWhenOriginsAreConfigured) {
  auto options = Rig::lifted();
  options.allowed_origins = {"https://chat.example.com"};
  Rig rig(options);
  const auto user = rig.add_user("a@example.com");
  const auto room = rig.add_conversation(user, {});
  const auto path = "/ws/chat/" + std::to_string(room.value) + "/?token=" + rig.token(user);
  auto foreign = rig.connect();
  EXPECT_EQ(
      foreign.ask(get(path, std::string(handshake) + "Origin: https://evil.example\r\n")).status,
      403);
  EXPECT_TRUE(rig.upgrades.empty());
  for (const auto* origin : {"Origin: https://Chat.example.com\r\n", ""}) {
    auto client = rig.connect();
    client.send(get(path, std::string(handshake) + origin));
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(rig.upgrades.size(), 2U) << "a program that is no browser names no origin";
}

TEST(UpgradeAccident, IsAnswered503) {
  bool broken = false;
  Rig rig(Rig::lifted(), {.fault = [&](store::MemoryStore::Operation) {
            return broken ? store::MemoryStore::Fault::before_effect
                          : store::MemoryStore::Fault::none;
          }});
  const auto user = rig.add_user("a@example.com");
  const auto room = rig.add_conversation(user, {});
  broken = true;
  auto client = rig.connect();
  const auto reply = client.ask(
      get("/ws/chat/" + std::to_string(room.value) + "/?token=" + rig.token(user), handshake));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_TRUE(rig.upgrades.empty());
}

}  // namespace
}  // namespace banter::http
