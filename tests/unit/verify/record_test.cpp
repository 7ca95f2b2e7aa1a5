// Records, both ways: every kind is read as it was written, and what is no record is refused with a
// reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "verify/history/record_parser.hpp"
#include "verify/history/record_text.hpp"

namespace banter::verify {
namespace {

using testing::HasSubstr;

std::string line_of(const Record& record) {
  std::string line;
  append_line(line, Instant{7}, record);
  return line;
}

std::string without_lf(std::string line) {
  line.pop_back();
  return line;
}

const std::vector<std::string_view> nodes{"a", "b"};
const std::vector<UserId> members{UserId{1}, UserId{2}};
const std::vector<Message> messages{
    {.seq = Seq{1}, .user = UserId{2}, .ts = 3, .body = Body::of("hi \"you\" \\ \n é")},
    {.seq = Seq{2}, .user = UserId{2}, .ts = 3, .body = Body::of("")}};

// One of each kind, with every member set.
const std::vector<Record> records{
    Run{.seed = 5, .nodes = nodes, .options = "--fast"},
    End{},
    UserMade{UserId{1}},
    ConversationMade{.conversation = ConversationId{7}, .members = members, .first = Seq{101}},
    ChangeBegun{.call = CallId{1},
                .what = ChangeKind::remove,
                .user = UserId{2},
                .conversation = ConversationId{7}},
    ChangeEnded{.call = CallId{1}, .done = true},
    Connect{.socket = SocketId{1},
            .client = ClientId{2},
            .user = UserId{3},
            .conversation = ConversationId{7},
            .node = "a",
            .kind = SocketKind::flood,
            .since = {.asked = true, .seq = Seq{4}},
            .epoch = "e1"},
    Connect{.since = {.asked = true, .latest = true}},
    Refused{.socket = SocketId{1}, .status = 403},
    HistoryFrame{.socket = SocketId{1},
                 .messages = messages,
                 .extent = Extent{.from = Seq{1},
                                  .to = Seq{2},
                                  .head = Seq{3},
                                  .more = true,
                                  .epoch = "e1",
                                  .reset = true}},
    LiveMessage{.socket = SocketId{1}, .message = messages.front()},
    Send{.socket = SocketId{1}, .client_id = "c\x7f", .body = Body::of("hi")},
    Ack{.socket = SocketId{1}, .client_id = "c", .seq = Seq{1}, .ts = 3, .epoch = "e1"},
    ErrorFrame{.socket = SocketId{1}, .code = "unavailable", .client_id = "c"},
    Closed{.socket = SocketId{1}, .code = 1012, .by = ClosedBy::network},
    ReadBegun{.call = CallId{1},
              .user = UserId{2},
              .conversation = ConversationId{7},
              .node = "b",
              .before = Seq{9},
              .after = Seq{0},
              .limit = 200},
    ReadEnded{
        .call = CallId{1}, .status = 200, .messages = messages, .head = Seq{2}, .epoch = "e1"},
    FinalPage{.conversation = ConversationId{7},
              .node = "a",
              .epoch = "e1",
              .head = Seq{2},
              .messages = messages,
              .more = true},
    FaultBegun{.fault = FaultId{1},
               .what = "kill",
               .target = "a",
               .failover = true,
               .new_epoch = true,
               .may_lose = true},
    FaultEnded{FaultId{1}},
    LoadBegun{.load = LoadId{1}, .what = "flood"},
    LoadEnded{LoadId{1}},
    OutageBegun{},
    OutageEnded{},
    Sample{.node = "a", .rss = 1, .fds = 2, .when = SampleWhen::baseline}};

TEST(Record, IsReadAsItWasWritten) {
  RecordParser parser;
  std::map<std::size_t, int> kinds;
  for (const auto& record : records) {
    const auto line = line_of(record);
    const auto read = parser.parse(without_lf(line));
    ASSERT_TRUE(read) << line << read.error();
    EXPECT_EQ(read->at, Instant{7});
    EXPECT_EQ(read->record.index(), record.index()) << line;
    EXPECT_EQ(line_of(read->record), line);
    ++kinds[record.index()];
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Record>) << "one of each kind";
}

TEST(Record, IsWrittenInOneLineAsTheManualHasIt) {
  EXPECT_EQ(
      line_of(Ack{.socket = SocketId{1}, .client_id = "c", .seq = Seq{2}, .ts = 3, .epoch = "e"}),
      R"({"at":7,"type":"ack","socket":1,"client_id":"c","seq":2,"ts":3,"epoch":"e"})"
      "\n");
  EXPECT_EQ(line_of(Send{.socket = SocketId{1}, .body = Body::of("a\n\"b\"")}),
            R"({"at":7,"type":"send","socket":1,"text":"a\u000a\"b\""})"
            "\n");
}

TEST(Record, WritesALongTextAsItsBeginningAndADigest) {
  EXPECT_EQ(digest_of(""), 0xCBF29CE484222325u);
  EXPECT_EQ(digest_of("a"), 0xAF63DC4C8601EC8Cu);
  const std::string text = std::string(31, 'x') + "é" + std::string(100, 'y');
  const auto line = line_of(Send{.socket = SocketId{1}, .body = Body::of(text)});
  EXPECT_THAT(line,
              HasSubstr(R"("text":")" + std::string(31, 'x') + R"(","bytes":133,"digest":")"));
  RecordParser parser;
  const auto read = parser.parse(without_lf(line));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(std::get<Send>(read->record).body, Body::of(text));
  EXPECT_EQ(line_of(read->record), line);
}

TEST(Record, WritesWhatIsNoTextWithoutIt) {
  const auto line = line_of(Send{.socket = SocketId{1}, .body = Body::of("\xFF")});
  EXPECT_THAT(line, HasSubstr(R"("text":"","bytes":1,"digest":")"));
}

TEST(Record, WhatIsNoneIsRefusedWithAReason) {
  const std::map<std::string, std::string> cases{
      {"", "this is not JSON"},
      {"{", "this is not JSON"},
      {"[1]", "this is not an object"},
      {R"({"type":"end"})", "`at` is missing"},
      {R"({"at":1})", "`type` is missing"},
      {R"({"at":-1,"type":"end"})", "`at` is not a whole number from 0 to 2^53"},
      {R"({"at":1.5,"type":"end"})", "`at` is not a whole number"},
      {R"({"at":9007199254740993,"type":"end"})", "`at` is not a whole number"},
      {R"({"at":18446744073709551615,"type":"end"})", "`at` is not a whole number"},
      {R"({"at":1,"type":"ned"})", R"(there is no record of type "ned")"},
      {R"({"at":1,"type":3})", "`type` is not a string"},
      {R"({"at":1,"type":"end","more":1})", "there is no member `more` in such a record"},
      {R"({"at":1,"type":"refused","socket":1})", "`status` is missing"},
      {R"({"at":1,"type":"changed","call":1,"done":0})", "`done` is neither true nor false"},
      {R"({"at":1,"type":"close","socket":1,"code":0,"by":"me"})", R"(`by` cannot be "me")"},
      {R"({"at":1,"type":"final","conversation":7,"node":"a","epoch":"e","head":1,"messages":3,)"
       R"("more":false})",
       "`messages` is not a list"},
      {R"({"at":1,"type":"history","socket":1,"messages":[1]})", "`messages` is not an object"},
      {R"({"at":1,"type":"history","socket":1,"messages":[{"seq":1}]})", "`user` is missing"},
      {R"({"at":1,"type":"history","socket":1,"messages":[],"extent":{}})", "`from` is missing"},
      {R"({"at":1,"type":"send","socket":1,"text":"a","digest":"zz"})", "`bytes` is missing"},
      {R"({"at":1,"type":"send","socket":1,"text":"a","digest":"zz","bytes":1})",
       "`digest` is not 16 hexadecimal digits"},
      {R"({"at":1,"type":"connect","socket":1,"client":1,"user":1,"conversation":1,"node":"a",)"
       R"("since":"last"})",
       "`since` is not a whole number"}};
  RecordParser parser;
  for (const auto& [line, reason] : cases) {
    const auto read = parser.parse(line);
    ASSERT_FALSE(read) << line;
    EXPECT_THAT(read.error(), HasSubstr(reason)) << line;
  }
}

}  // namespace
}  // namespace banter::verify
