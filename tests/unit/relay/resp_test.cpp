#include "relay/redis/resp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace banter::relay {
namespace {

using Kind = RespValue::Kind;

// Kinds and contents of a value, short.
std::string shown(const RespValue& value) {
  std::string out;
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::text:
      return "'" + value.text + "'";
    case Kind::error:
      return "error '" + value.text + "'";
    case Kind::number:
      return std::to_string(value.number);
    case Kind::list:
      out = "[";
      break;
    case Kind::push:
      out = ">[";
      break;
  }
  for (const auto& item : value.items) out += (out.ends_with('[') ? "" : ",") + shown(item);
  return out + "]";
}

// What comes of the bytes when they are fed in pieces of `size`.
std::vector<std::string> parsed(std::string_view bytes, std::size_t size, bool& failed) {
  RespParser parser;
  std::vector<std::string> values;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    parser.feed(bytes.substr(at, size));
    while (const auto value = parser.next()) values.push_back(shown(*value));
  }
  failed = parser.failed();
  return values;
}

struct Case {
  std::string bytes;
  std::vector<std::string> values;
};

class Resp : public testing::TestWithParam<Case> {};

TEST_P(Resp, ReadsTheSameHoweverItIsCut) {
  const auto& [bytes, values] = GetParam();
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    bool failed = false;
    EXPECT_EQ(parsed(bytes, size, failed), values) << "in pieces of " << size;
    EXPECT_FALSE(failed);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Values, Resp,
    testing::Values(Case{"+OK\r\n", {"'OK'"}}, Case{"-ERR no\r\n", {"error 'ERR no'"}},
                    Case{":-12\r\n:7\r\n", {"-12", "7"}}, Case{"$5\r\nhe\r\no\r\n", {"'he\r\no'"}},
                    Case{"$0\r\n\r\n", {"''"}},
                    Case{"$-1\r\n*-1\r\n_\r\n", {"null", "null", "null"}},
                    Case{"#t\r\n#f\r\n", {"1", "0"}},
                    Case{",3.14\r\n(123456789012345678901\r\n",
                         {"'3.14'", "'123456789012345678901'"}},
                    Case{"!3\r\nbad\r\n=5\r\ntxt:x\r\n", {"error 'bad'", "'txt:x'"}},
                    Case{"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", {"['a',[1]]"}}, Case{"*0\r\n", {"[]"}},
                    Case{"%1\r\n+a\r\n:1\r\n~1\r\n:2\r\n", {"['a',1]", "[2]"}},
                    Case{">3\r\n+smessage\r\n$1\r\nc\r\n$2\r\nhi\r\n+PONG\r\n",
                         {">['smessage','c','hi']", "'PONG'"}},
                    Case{"|1\r\n+ttl\r\n:3\r\n+v\r\n", {"'v'"}}));

class BadResp : public testing::TestWithParam<std::string> {};

TEST_P(BadResp, FailsForGood) {
  RespParser parser;
  parser.feed(GetParam());
  while (parser.next()) {
  }
  EXPECT_TRUE(parser.failed());
  parser.feed("+OK\r\n");
  EXPECT_FALSE(parser.next());
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, BadResp,
    testing::Values("\r\n", "HTTP/1.1 400 Bad Request\r\n", ":\r\n", ":1x\r\n", "$x\r\n", "$-2\r\n",
                    "$3\r\nabcde\r\n", "$99999999999\r\n", "*-2\r\n", "*1000001\r\n", "#x\r\n",
                    "_x\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
                    std::string(70'000, 'x')));

TEST(RespCommands, AreArraysOfBulkStrings) {
  std::string out;
  append_command(out, {"SET", "k", std::string_view("a\0b", 3)});
  EXPECT_EQ(out, std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\0b\r\n", 29));
}

}  // namespace
}  // namespace banter::relay
