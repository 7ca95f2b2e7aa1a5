#include "http/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

using testing::HasSubstr;

struct Negotiation {
  std::string_view accept;
  Coding best;
};

TEST(Negotiate, TakesTheBestOfWhatIsAccepted) {
  const Negotiation cases[] = {
      {"", Coding::plain},
      {"identity", Coding::plain},
      {"gzip", Coding::gzip},
      {"GZIP", Coding::gzip},
      {"br", Coding::brotli},
      {"gzip, deflate, br, zstd", Coding::brotli},
      {"gzip;q=1.0, br;q=0.5", Coding::gzip},
      {"gzip;q=0.5, br;q=0.5", Coding::brotli},
      {"br;q=0, gzip", Coding::gzip},
      {"br;q=0.000, gzip;q=0", Coding::plain},
      {"*", Coding::brotli},
      {"*;q=0", Coding::plain},
      {"br;q=0, *", Coding::gzip},
      {"gzip ; q=0.001", Coding::gzip},
      {"xgzip, brx", Coding::plain},
      {",,;,q=", Coding::plain},
  };
  for (const auto& [accept, best] : cases) EXPECT_EQ(negotiate(accept, true, true), best) << accept;
}

TEST(Negotiate, GivesOnlyWhatThereIs) {
  EXPECT_EQ(negotiate("gzip, br", true, false), Coding::gzip);
  EXPECT_EQ(negotiate("gzip, br", false, true), Coding::brotli);
  EXPECT_EQ(negotiate("br", true, false), Coding::plain);
  EXPECT_EQ(negotiate("gzip;q=1, br;q=0.1", false, true), Coding::brotli);
}

TEST(Etag, IsFoundInAList) {
  EXPECT_TRUE(names_etag(R"("a")", R"("a")"));
  EXPECT_TRUE(names_etag(R"("b", W/"a")", R"("a")"));
  EXPECT_TRUE(names_etag("*", R"("a")"));
  EXPECT_FALSE(names_etag("", R"("a")"));
  EXPECT_FALSE(names_etag("a", R"("a")"));
  EXPECT_FALSE(names_etag(R"("aa","b")", R"("a")"));
}

TEST(Pages, AreServedWithAStrictPolicy) {
  Rig rig;
  auto client = rig.connect();
  const auto reply = client.ask(get("/"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(reply.header("content-security-policy"),
              HasSubstr("default-src 'none'; script-src 'self'"));
  EXPECT_EQ(reply.header("cache-control"), "no-cache");
  EXPECT_EQ(reply.header("vary"), "Accept-Encoding");
  EXPECT_EQ(reply.header("content-encoding"), "");
  EXPECT_THAT(reply.body, HasSubstr("<!doctype html>"));
  EXPECT_EQ(client.ask(get("/?a=1")).body, reply.body);
  EXPECT_EQ(client.ask(get("/wsdemo/")).status, 200);
  EXPECT_EQ(client.ask(get("/favicon.ico")).header("content-type"), "image/svg+xml");
}

TEST(Pages, AreSentCompressedToThoseWhoTakeIt) {
  Rig rig;
  auto client = rig.connect();
  const auto plain = client.ask(get("/assets/api.js"));
  const auto gzip = client.ask(get("/assets/api.js", "Accept-Encoding: gzip\r\n"));
  const auto brotli = client.ask(get("/assets/api.js", "Accept-Encoding: gzip, br\r\n"));
  EXPECT_EQ(plain.header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(gzip.header("content-encoding"), "gzip");
  EXPECT_EQ(gzip.body.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(brotli.header("content-encoding"), "br");
  EXPECT_LT(gzip.body.size(), plain.body.size());
  EXPECT_LT(brotli.body.size(), gzip.body.size());
  EXPECT_NE(plain.header("etag"), gzip.header("etag"));
}

TEST(Pages, AreNotSentAgainToThoseWhoHaveThem) {
  Rig rig;
  auto client = rig.connect();
  const auto etag = client.ask(get("/", "Accept-Encoding: br\r\n")).header("etag");
  const auto again = client.ask(get("/", "Accept-Encoding: br\r\nIf-None-Match: " + etag + "\r\n"));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("etag"), etag);
  EXPECT_EQ(again.header("content-type"), "");
  EXPECT_EQ(client.ask(get("/livez")).status, 200) << "a 304 has no body";
  EXPECT_EQ(client.ask(get("/", "If-None-Match: \"other\"\r\n")).status, 200);
}

TEST(Pages, AnswerHeadWithTheLengthOfTheBody) {
  Rig rig;
  auto client = rig.connect();
  const auto length = client.ask(get("/")).header("content-length");
  const auto head = client.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.header("content-length"), length);
  EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

TEST(Pages, SendThoseWithoutASlashOn) {
  Rig rig;
  auto client = rig.connect();
  const auto reply = client.ask(get("/wsdemo"));
  EXPECT_EQ(reply.status, 301);
  EXPECT_EQ(reply.header("location"), "/wsdemo/");
  EXPECT_EQ(client.ask(get("/wsdemo?a=1&b=%20x")).header("location"), "/wsdemo/?a=1&b=%20x");
}

TEST(Assets, AreAllReachableAndTyped) {
  Rig rig;
  auto client = rig.connect();
  for (const auto& asset : assets()) {
    EXPECT_NE(content_type_of(asset.path), "application/octet-stream") << asset.path;
    EXPECT_FALSE(asset.plain.empty()) << asset.path;
  }
}

}  // namespace
}  // namespace banter::http
