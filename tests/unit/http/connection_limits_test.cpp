// What a connection refuses: too much, too slow, or what two readers could understand differently.
#include <gtest/gtest.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view login = "/api/users/login";

TEST(ConnectionLimits, TellsTooLargeBodiesBeforeReadingThem) {
  Rig rig;
  auto client = rig.connect();
  EXPECT_EQ(client
                .ask("POST /api/users/login HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n"
                     "Expect: 100-continue\r\n\r\n")
                .status,
            413);
}

TEST(ConnectionLimits, LetsAClientReadThe413ThoughItStillSends) {
  Rig rig;
  auto client = rig.connect();
  const auto reply = client.ask(post(login, std::string(3'000'000, 'x')));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.header("connection"), "close");
}

TEST(ConnectionLimits, TakesABodyOfExactlyTheLimit) {
  Rig rig;
  auto client = rig.connect();
  EXPECT_EQ(client.ask(post(login, "{}" + std::string(65'534, ' '))).status, 400) << "as always";
}

TEST(ConnectionLimits, BoundsChunkedBodiesToo) {
  Rig rig;
  auto client = rig.connect();
  std::string body;
  for (int i = 0; i < 70; ++i) body += "400\r\n" + std::string(1024, ' ') + "\r\n";
  const auto reply = client.ask(
      "POST /api/users/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  EXPECT_EQ(reply.status, 413);
}

TEST(ConnectionLimits, TellsTooLargeHeads) {
  Rig rig;
  const auto line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  std::string lines;
  for (int i = 0; i < 17; ++i) lines += line;
  auto client = rig.connect();
  EXPECT_EQ(client.ask(get("/livez", lines)).status, 431);
  EXPECT_TRUE(client.closed());
  auto endless = rig.connect();
  EXPECT_EQ(endless.ask("GET /" + std::string(17'000, 'a')).status, 431);
}

class Smuggling : public testing::TestWithParam<std::string> {};

TEST_P(Smuggling, IsAnsweredOnceAndTheConnectionEnds) {
  Rig rig;
  auto client = rig.connect();
  const auto reply = client.ask(GetParam() + get("/livez"));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_TRUE(client.closed()) << "no second answer";
}

constexpr auto head = "POST /api/users/login HTTP/1.1\r\nHost: a\r\n";

INSTANTIATE_TEST_SUITE_P(
    Http, Smuggling,
    testing::Values(
        std::string(head) + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        std::string(head) + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        std::string(head) + "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        std::string(head) + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n",
        std::string(head) + "Transfer-Encoding: chunked\r\n\r\n2 \n{}\r\n0\r\n\r\n",
        std::string(head) + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n",
        std::string("GET /livez HTTP/1.1\nHost: a\n\n"),
        std::string("GET /livez HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8)));

TEST(ConnectionLimits, ClosesWhatIsTooSlow) {
  Rig rig;
  std::shared_ptr<Connection> connection;
  base::Stream* stream = nullptr;
  auto slow_head = rig.connect(connection, stream);
  slow_head.send("GET /livez HTTP/1.1\r\n");
  rig.settle();
  connection->on_tick(steady_now() + 9s);
  EXPECT_FALSE(stream->closing());
  connection->on_tick(steady_now() + 11s);
  EXPECT_EQ(slow_head.receive().status, 408);

  auto slow_body = rig.connect(connection, stream);
  slow_body.send("POST /api/users/login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{");
  rig.settle();
  connection->on_tick(steady_now() + 29s);
  EXPECT_FALSE(stream->closing());
  connection->on_tick(steady_now() + 31s);
  EXPECT_EQ(slow_body.receive().status, 408);

  auto idle = rig.connect(connection, stream);
  EXPECT_EQ(idle.ask(get("/livez")).status, 200);
  connection->on_tick(steady_now() + 74s);
  EXPECT_FALSE(stream->closing());
  connection->on_tick(steady_now() + 76s);
  EXPECT_TRUE(idle.closed());
}

}  // namespace
}  // namespace banter::http
