#include "http/head_check.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace banter::http {
namespace {

using namespace std::string_literals;

std::string with(const std::string& lines) {
  return "GET /path?query HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

struct Refusal {
  std::string name;
  std::string text;
  HeadError error = HeadError::malformed;
};
std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << refusal.name; }

const Refusal refusals[] = {
    {"nothing", "\r\n\r\n"},
    {"no spaces", "GET\r\nHost: a\r\n\r\n"},
    {"one space", "GET /\r\nHost: a\r\n\r\n"},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {"tab between", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"relative target", "GET path HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"no authority", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"user in the authority", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"byte above ASCII in the target", "GET /\xFF HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s},
    {"star for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"method no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"unknown method", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::unknown_method},
    {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", HeadError::unknown_method},
    {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"version 2", "PRI * HTTP/2.0\r\n\r\n", HeadError::version_not_supported},
    {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", HeadError::version_not_supported},
    {"version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", HeadError::version_not_supported},
    {"version without a minor", "GET / HTTP/1\r\nHost: a\r\n\r\n"},
    {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n"},
    {"no Host", "GET / HTTP/1.1\r\n\r\n"},
    {"two Hosts", with("Host: a\r\n")},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
    {"blank before the colon", with("A : b\r\n")},
    {"tab before the colon", with("A\t: b\r\n")},
    {"no colon", with("A\r\n")},
    {"no name", with(": b\r\n")},
    {"folded line", with("A: b\r\n c\r\n")},
    {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"NUL in a value", with("A: b\0c\r\n"s)},
    {"NUL in a name", with("A\0: b\r\n"s)},
    {"DEL in a value", with("A: b\x7F\r\n")},
    {"bare CR in a value", with("A: b\rc\r\n")},
    {"CR before CRLF", with("A: b\r\r\n")},
    {"bare LF in a value", with("A: b\nC: d\r\n")},
    {"name above ASCII", with("\xC3\xA4: b\r\n")},
    {"length and encoding", with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
    {"encoding and length", with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")},
    {"two lengths", with("Content-Length: 1\r\nContent-Length: 2\r\n")},
    {"two equal lengths", with("Content-Length: 1\r\nContent-Length: 1\r\n")},
    {"list of lengths", with("Content-Length: 1, 1\r\n")},
    {"empty length", with("Content-Length:\r\n")},
    {"negative length", with("Content-Length: -1\r\n")},
    {"signed length", with("Content-Length: +1\r\n")},
    {"hexadecimal length", with("Content-Length: 0x1\r\n")},
    {"length with a fraction", with("Content-Length: 1.0\r\n")},
    {"length with a blank", with("Content-Length: 1 1\r\n")},
    {"length of 21 digits", with("Content-Length: 100000000000000000000\r\n")},
    {"two encodings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {"gzip", with("Transfer-Encoding: gzip, chunked\r\n"), HeadError::unknown_encoding},
    {"identity", with("Transfer-Encoding: identity\r\n"), HeadError::unknown_encoding},
    {"chunked, misspelt", with("Transfer-Encoding: xchunked\r\n"), HeadError::unknown_encoding},
    {"empty encoding", with("Transfer-Encoding:\r\n"), HeadError::unknown_encoding},
    {"chunked HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"two content types", with("Content-Type: a/b\r\nContent-Type: a/b\r\n")},
    {"two authorizations", with("Authorization: a\r\nAuthorization: b\r\n")},
};

class HeadRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(HeadRefusal, IsRefused) {
  const auto head = check_head(GetParam().text);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error(), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(Http, HeadRefusal, testing::ValuesIn(refusals));

TEST(HeadCheck, ReadsWhatItIsAskedFor) {
  const auto head = check_head(
      "POST /api?x=1 HTTP/1.1\r\nhost: Example:8000\r\nCONTENT-TYPE:  a/b; c=\"d\" \r\n"
      "Content-Length: 007\r\nAuthorization: Bearer\tx.y\r\nX-Requested-With: XMLHttpRequest\r\n"
      "Accept-Encoding: br\r\nIf-None-Match: \"a\"\r\nOrigin: http://o\r\nX-Other: \xC3\xA4\r\n"
      "Expect: 100-Continue\r\nX-Request-Id: 7\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, Method::post);
  EXPECT_EQ(head->target, "/api?x=1");
  EXPECT_EQ(head->host, "Example:8000");
  EXPECT_EQ(head->content_type, "a/b; c=\"d\"");
  EXPECT_EQ(head->content_length, 7U);
  EXPECT_EQ(head->authorization, "Bearer\tx.y");
  EXPECT_TRUE(head->ajax);
  EXPECT_EQ(head->accept_encoding, "br");
  EXPECT_EQ(head->if_none_match, "\"a\"");
  EXPECT_EQ(head->origin, "http://o");
  EXPECT_TRUE(head->expect_continue);
  EXPECT_EQ(head->request_id, "7");
  EXPECT_TRUE(head->keep_alive);
  EXPECT_TRUE(head->has_body());
}

TEST(HeadCheck, TellsAbsentFromEmpty) {
  EXPECT_EQ(check_head(with(""))->content_type, std::nullopt);
  EXPECT_EQ(check_head(with("Content-Type:\r\n"))->content_type, "");
  EXPECT_EQ(check_head(with("Content-Type: \t \r\n"))->content_type, "");
}

TEST(HeadCheck, TakesTheAuthorityOfAnAbsoluteTargetForTheHost) {
  const auto head = check_head("GET HTTP://b:81/c?d HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head->host, "b:81");
  EXPECT_EQ(head->target, "/c?d");
  EXPECT_EQ(check_head("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n")->target, "/");
}

TEST(HeadCheck, KnowsWhatConnectionAndUpgradeName) {
  EXPECT_FALSE(check_head(with("Connection: close\r\n"))->keep_alive);
  EXPECT_FALSE(check_head(with("Connection: keep-alive, Close\r\n"))->keep_alive);
  EXPECT_FALSE(check_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(check_head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")->keep_alive);
  const auto upgrade = check_head(
      with("Connection: keep-alive\r\nConnection: UPGRADE\r\nUpgrade: h2c, WebSocket\r\n"));
  EXPECT_TRUE(upgrade->connection_upgrade);
  EXPECT_TRUE(upgrade->upgrade_websocket);
  EXPECT_FALSE(check_head(with("Upgrade: websockets\r\n"))->upgrade_websocket);
}

TEST(HeadCheck, KeepsTheLastForwardedForLines) {
  std::string lines;
  for (int i = 0; i < 6; ++i) lines += "X-Forwarded-For: " + std::to_string(i) + "\r\n";
  const auto text = with(lines);
  const auto head = check_head(text);
  ASSERT_EQ(head->forwarded_lines, 4U);
  EXPECT_EQ(head->forwarded_for.front(), "2");
  EXPECT_EQ(head->forwarded_for.back(), "5");
}

TEST(HeadCheck, AllowsAHundredLines) {
  std::string lines;
  for (int i = 0; i < 99; ++i) lines += "A: b\r\n";
  EXPECT_TRUE(check_head(with(lines)).has_value());  // and the Host
  EXPECT_EQ(check_head(with(lines + "A: b\r\n")).error(), HeadError::too_many_headers);
}

TEST(HeadCheck, PassesOverOneEmptyLineInFront) {
  EXPECT_TRUE(check_head("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").has_value());
  EXPECT_FALSE(check_head("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").has_value());
}

TEST(HeadEnd, IsFoundWhereverTheInputIsCut) {
  const auto text = "\r\n" + with("A: b\r\n");
  const auto input = text + "GET /next";
  for (std::size_t seen = 0; seen < text.size(); ++seen) {
    EXPECT_EQ(find_head_end(std::string_view(text).substr(0, seen), 0).state,
              HeadEnd::State::incomplete);
    const auto end = find_head_end(input, seen);
    ASSERT_EQ(end.state, HeadEnd::State::complete) << seen;
    EXPECT_EQ(end.bytes, text.size()) << seen;
  }
}

TEST(HeadEnd, RefusesAtOnceWhatCannotBecomeAHead) {
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\n", 0).state, HeadEnd::State::malformed);
  EXPECT_EQ(find_head_end("\n", 0).state, HeadEnd::State::malformed);
  EXPECT_EQ(find_head_end("\x16\x03\x01", 0).state, HeadEnd::State::malformed);
  EXPECT_EQ(find_head_end(" GET", 0).state, HeadEnd::State::malformed);
}

}  // namespace
}  // namespace banter::http
