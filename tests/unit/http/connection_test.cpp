#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

using testing::HasSubstr;

constexpr std::string_view login = "/api/users/login";
constexpr std::string_view invalid = R"({"detail":"Invalid credentials."})";

TEST(Connection, AnswersWithTheHeadersOfTheContract) {
  Rig rig;
  const auto reply = rig.connect().ask(get("/healthz"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"ok":true,"db":true,"draining":false,"durability":"single"})");
  EXPECT_EQ(reply.header("x-frame-options"), "DENY");
  EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.header("referrer-policy"), "same-origin");
  EXPECT_EQ(reply.header("cross-origin-opener-policy"), "same-origin");
  EXPECT_EQ(reply.header("server"), "Banter");
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.header("vary"), "Accept");
  EXPECT_EQ(reply.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_THAT(reply.header("date"), testing::EndsWith(" GMT"));
  EXPECT_EQ(reply.header("x-request-id").size(), 16U);
  EXPECT_EQ(reply.header("connection"), "");
}

TEST(Connection, ReadsARequestThatArrivesByteByByte) {
  Rig rig;
  auto client = rig.connect();
  for (const char c : post(login, "{}")) {
    client.send({&c, 1});
    rig.settle();
  }
  EXPECT_EQ(client.receive().body, invalid);
}

TEST(Connection, KeepsTheConnectionForTheNextRequest) {
  Rig rig;
  auto client = rig.connect();
  EXPECT_EQ(client.ask(get("/livez")).status, 200);
  EXPECT_EQ(client.ask(post(login, "{}")).status, 400);
  EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

TEST(Connection, AnswersPipelinedRequestsInTheirOrder) {
  Rig rig;
  auto client = rig.connect();
  client.send(get("/healthz") + post(login, "{}") + get("/nope") + get("/livez"));
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().body, invalid);
  EXPECT_EQ(client.receive().status, 404);
  EXPECT_EQ(client.receive().body, R"({"ok":true})");
}

TEST(Connection, BeginsNoFurtherRequestWhileTheClientTakesNoAnswers) {
  Rig rig;
  std::shared_ptr<Connection> connection;
  base::Stream* stream = nullptr;
  auto client = rig.connect(connection, stream);
  std::string requests;
  while (requests.size() < 4096) requests += get("/assets/api.js");
  for (int i = 0; i < 1000 && stream->outbox_bytes() <= 256 * 1024; ++i) {
    client.send(requests);
    rig.settle();
  }
  EXPECT_GT(stream->outbox_bytes(), 256U * 1024) << "the limit was reached";
  EXPECT_LT(stream->outbox_bytes(), 512U * 1024) << "and it held";
  EXPECT_EQ(client.receive().status, 200) << "reading goes on where it stopped";
  while (stream->outbox_bytes() > 0) client.receive();
}

TEST(Connection, LeavesTheReactorToOthersBetweenPipelinedRequests) {
  Rig rig;
  auto client = rig.connect();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += get("/livez");
  client.send(requests);
  auto& answered = rig.registry.counter("django_http_requests_before_middlewares_total", "");
  double before = 0;
  for (int turns = 0; answered.Value() < 100 && turns < 1000; ++turns) {
    EXPECT_LE(answered.Value() - before, 32);
    before = answered.Value();
    rig.turn();
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive().status, 200);
}

TEST(Connection, AnswersAllThatWasPipelinedBeforeTheEnd) {
  Rig rig;
  auto client = rig.connect();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += get("/livez");
  client.send(requests);
  client.half_close();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.receive().status, 200) << i;
  EXPECT_TRUE(client.closed());
}

TEST(Connection, AnswersHeadWithoutABody) {
  Rig rig;
  auto client = rig.connect();
  const auto reply = client.ask("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-length"), "60");
  EXPECT_EQ(client.ask("HEAD /api/users/login HTTP/1.1\r\nHost: a\r\n\r\n").status, 405);
  EXPECT_EQ(client.ask(get("/livez")).body, R"({"ok":true})") << "nothing was left between";
}

TEST(Connection, ClosesWhenAsked) {
  Rig rig;
  auto client = rig.connect();
  EXPECT_EQ(client.ask(get("/livez", "Connection: close\r\n")).header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST(Connection, SpeaksHttp10) {
  Rig rig;
  auto client = rig.connect();
  EXPECT_EQ(client.ask("GET /livez HTTP/1.0\r\n\r\n").status, 200) << "needs no Host";
  auto second = rig.connect();
  EXPECT_EQ(second.ask("GET /livez HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
                .header("connection"),
            "keep-alive");
  EXPECT_EQ(second.ask("GET /livez HTTP/1.0\r\nHost: a\r\n\r\n").header("connection"), "close");
  EXPECT_TRUE(second.closed());
}

TEST(Connection, AnswersAClientThatClosedItsHalf) {
  Rig rig;
  auto client = rig.connect();
  client.send(get("/healthz") + get("/livez"));
  client.half_close();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(Connection, ClosesWithoutAWordWhenTheClientLeavesInTheMiddle) {
  Rig rig;
  auto client = rig.connect();
  client.send("GET /livez HT");
  client.half_close();
  EXPECT_TRUE(client.closed());
}

TEST(Connection, ReadsChunkedBodies) {
  Rig rig;
  auto client = rig.connect();
  EXPECT_EQ(client
                .ask("POST /api/users/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                     "Content-Type: application/json\r\n\r\n"
                     "1a\r\n{\"email\":\"a@b.cd\",\"passwor\r\n7;x=y\r\nd\":\"x\"}\r\n0\r\n"
                     "Trailer: ignored\r\n\r\n")
                .body,
            invalid);
  EXPECT_EQ(client.ask(get("/livez")).status, 200) << "the next request is found behind it";
}

TEST(Connection, SaysContinueToAClientThatWaitsForIt) {
  Rig rig;
  auto client = rig.connect();
  client.send(
      "POST /api/users/login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.ask("{}").body, invalid);
}

TEST(Connection, AnswersAccidentsOfTheStoreWith503) {
  bool broken = false;
  Rig rig(Rig::lifted(), {.fault = [&](store::MemoryStore::Operation) {
            return broken ? store::MemoryStore::Fault::before_effect
                          : store::MemoryStore::Fault::none;
          }});
  const auto user = rig.add_user("a@example.com");
  broken = true;
  auto client = rig.connect();
  const auto reply = client.ask(get("/api/chat/conversations/list", bearer(rig.token(user))));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_THAT(reply.body, HasSubstr("detail"));
  broken = false;
  EXPECT_EQ(client.ask(get("/api/chat/conversations/list", bearer(rig.token(user)))).body,
            R"({"conversations":[]})");
}

TEST(Connection, BelievesRequestIdsOfTrustedProxiesOnly) {
  Rig strict;
  EXPECT_NE(strict.connect().ask(get("/livez", "X-Request-Id: abc-1\r\n")).header("x-request-id"),
            "abc-1");
  auto options = Rig::lifted();
  ASSERT_TRUE(options.trusted_proxies.add("::/128"));  // what a socket pair has for an address
  Rig rig(options);
  EXPECT_EQ(rig.connect().ask(get("/livez", "X-Request-Id: abc-1\r\n")).header("x-request-id"),
            "abc-1");
  EXPECT_NE(rig.connect().ask(get("/livez", "X-Request-Id: a b\r\n")).header("x-request-id"),
            "a b");
}

TEST(Connection, DrainsIdleConnectionsAtOnceAndBusyOnesAfterTheAnswer) {
  Rig rig;
  auto idle = rig.connect();
  auto busy = rig.connect();
  EXPECT_EQ(idle.ask(get("/livez")).status, 200);
  busy.send(post(login, "{}").substr(0, 30));
  rig.settle();
  rig.connections().drain();
  EXPECT_TRUE(idle.closed());
  const auto reply = busy.ask(post(login, "{}").substr(30));
  EXPECT_EQ(reply.body, invalid);
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_TRUE(busy.closed());
}

}  // namespace
}  // namespace banter::http
