#include "wire/event_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/frame.hpp"

namespace banter::wire {
namespace {

using namespace std::chrono_literals;

chat::Event message(std::int64_t seq, std::int64_t author, std::string text,
                    std::int64_t at = 1'795'333'971'999'999) {
  return {.conversation = ConversationId{9},
          .seq = Seq{seq},
          .author = UserId{author},
          .payload = std::move(text),
          .client_id = "never shown",
          .at = Micros{at}};
}

template <class Append>
std::string text_of(Append append) {
  std::string out;
  append(out);
  return out;
}

std::string live(const chat::Event& event) {
  return text_of([&](std::string& out) { append_live(out, event); });
}

const std::string hello = R"({"id": 1, "user_id": 1, "text": "hello", "ts": 1795333971})";

TEST(EventJson, SpellsAMessageAsTheReplacedSystemDid) {
  EXPECT_EQ(text_of([](std::string& out) { append_message(out, message(1, 1, "hello")); }), hello);
  EXPECT_EQ(live(message(1, 1, "hello")), R"({"type": "message", "message": )" + hello + "}");
  EXPECT_EQ(
      live(message(1, 2, "\xC3\xA9\xF0\x9F\x98\x80/")),
      R"({"type": "message", "message": {"id": 1, "user_id": 2, "text": "\u00e9\ud83d\ude00/", )"
      R"("ts": 1795333971}})");
}

TEST(EventJson, WritesNumbersOfEveryLength) {
  EXPECT_EQ(live(message(INT64_MAX, INT64_MAX, "", INT64_MAX)),
            R"({"type": "message", "message": {"id": 9223372036854775807, )"
            R"("user_id": 9223372036854775807, "text": "", "ts": 9223372036854}})");
  EXPECT_EQ(live(message(0, 0, "", 0)),
            R"({"type": "message", "message": {"id": 0, "user_id": 0, "text": "", "ts": 0}})");
}

TEST(EventJson, RoundsTimeDownToTheSecond) {
  EXPECT_NE(live(message(1, 1, "x", 1'000'000)).find(R"("ts": 1})"), std::string::npos);
  EXPECT_NE(live(message(1, 1, "x", 1'999'999)).find(R"("ts": 1})"), std::string::npos);
}

TEST(EventJson, TellsTheSizeOfAMessageBeforeItIsWritten) {
  for (const char* text : {"", "hello", "\"\\\n\x01\x7F", "\xE6\x9D\x8E\xF0\x9F\x98\x80",
                           "a text that is longer than a block of sixteen bytes, \xC3\xA9"}) {
    const auto event = message(123, 45678, text);
    EXPECT_EQ(message_size(event),
              text_of([&](std::string& out) { append_message(out, event); }).size());
  }
}

TEST(EventJson, HistoryWithoutAnExtentHasTheMembersOfTheReplacedSystemOnly) {
  EXPECT_EQ(text_of([](std::string& out) { append_history(out, {}, std::nullopt); }),
            R"({"type": "history", "messages": []})");
  const std::vector<chat::Event> one = {message(1, 1, "hello")};
  EXPECT_EQ(text_of([&](std::string& out) { append_history(out, one, std::nullopt); }),
            R"({"type": "history", "messages": [)" + hello + "]}");
  const std::vector<chat::Event> two = {message(1, 1, "hello"), message(2, 3, "there")};
  EXPECT_EQ(text_of([&](std::string& out) { append_history(out, two, std::nullopt); }),
            R"({"type": "history", "messages": [)" + hello +
                R"(, {"id": 2, "user_id": 3, "text": "there", "ts": 1795333971}]})");
}

TEST(EventJson, HistoryShowsMessagesOnly) {
  std::vector<chat::Event> events = {message(1, 1, ""), message(2, 1, "hello")};
  events[0].kind = chat::EventKind::lost;
  EXPECT_THAT(text_of([&](std::string& out) { append_history(out, events, std::nullopt); }),
              testing::StartsWith(R"({"type": "history", "messages": [{"id": 2, )"));
}

TEST(EventJson, HistoryCarriesItsExtentBehindTheMessages) {
  const std::vector<chat::Event> events = {message(1, 1, "hello")};
  const HistoryExtent extent{
      .from = Seq{1}, .to = Seq{1}, .head = Seq{70}, .more = true, .epoch = "e1", .reset = false};
  EXPECT_EQ(
      text_of([&](std::string& out) { append_history(out, events, extent); }),
      R"({"type": "history", "messages": [)" + hello +
          R"(], "from": 1, "to": 1, "head": 70, "more": true, "epoch": "e1", "reset": false})");
  const HistoryExtent anew{
      .from = Seq{1}, .to = Seq{0}, .head = Seq{0}, .more = false, .epoch = "\"", .reset = true};
  EXPECT_EQ(text_of([&](std::string& out) { append_history(out, {}, anew); }),
            R"({"type": "history", "messages": [], "from": 1, "to": 0, "head": 0, "more": false, )"
            R"("epoch": "\"", "reset": true})");
}

TEST(EventJson, AckNamesTheSendAndItsPlace) {
  EXPECT_EQ(
      text_of([](std::string& out) {
        append_ack(out, "c-1 \"x\"", Seq{7}, Micros{1'795'333'971'000'001}, "e1");
      }),
      R"({"type": "ack", "client_id": "c-1 \"x\"", "id": 7, "ts": 1795333971, "epoch": "e1"})");
}

TEST(EventJson, RateLimitedIsSpelledAsTheReplacedSystemDid) {
  EXPECT_EQ(text_of([](std::string& out) { append_rate_limited(out, 8s, ""); }),
            R"({"type": "rate_limited", "retry_after": 8, )"
            R"("message": "Too many messages. Try again in 8s."})");
  EXPECT_EQ(text_of([](std::string& out) { append_rate_limited(out, 10s, "c1"); }),
            R"({"type": "rate_limited", "retry_after": 10, )"
            R"("message": "Too many messages. Try again in 10s.", "client_id": "c1"})");
}

TEST(EventJson, ErrorCarriesOnlyTheMembersItHas) {
  EXPECT_EQ(text_of([](std::string& out) { append_error(out, "bad_json", "Not JSON.", "", {}); }),
            R"({"type": "error", "code": "bad_json", "detail": "Not JSON."})");
  EXPECT_EQ(text_of([](std::string& out) { append_error(out, "conflict", "\xC3\xA9", "c1", {}); }),
            R"({"type": "error", "code": "conflict", "detail": "\u00e9", "client_id": "c1"})");
  EXPECT_EQ(text_of([](std::string& out) { append_error(out, "overloaded", "Wait.", "c1", 2s); }),
            R"({"type": "error", "code": "overloaded", "detail": "Wait.", "client_id": "c1", )"
            R"("retry_after": 2})");
  EXPECT_EQ(text_of([](std::string& out) { append_error(out, "unavailable", "Wait.", "", 1s); }),
            R"({"type": "error", "code": "unavailable", "detail": "Wait.", "retry_after": 1})");
}

// Every size around the lengths at which the header grows, plain and escaped.
TEST(EventJson, LiveFrameIsTheLiveTextBehindItsHeader) {
  for (std::size_t size = 0; size < 300; ++size)
    for (const char* last : {"", "\n", "\xF0\x9F\x98\x80"}) {
      const auto event = message(1, 1, std::string(size, 'x') + last);
      std::string expected;
      append_frame(expected, FrameKind::text, live(event));
      ASSERT_EQ(encode_live_frame(event), expected) << size;
    }
  for (const std::size_t size : {65'400u, 65'450u, 65'451u, 65'452u, 65'453u, 65'454u, 65'455u,
                                 65'456u, 65'457u, 65'458u, 65'459u, 65'460u, 65'461u, 65'600u}) {
    const auto event = message(1, 1, std::string(size, 'x'));
    std::string expected;
    append_frame(expected, FrameKind::text, live(event));
    ASSERT_EQ(encode_live_frame(event), expected) << size;
  }
}

TEST(EventJson, HttpFormIsCompactUtf8) {
  EXPECT_EQ(text_of([](std::string& out) {
              append_message_compact(out, message(1, 2, "h\xC3\xA9 \"\xE2\x80\xA8"));
            }),
            "{\"id\":1,\"user_id\":2,\"text\":\"h\xC3\xA9 \\\"\\u2028\",\"ts\":1795333971}");
}

// What needs no escape is written in one pass, the rest piece by piece.
TEST(EventJson, TheHttpFormIsTheSameWhereverAnEscapeStands) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    const auto form = [](const std::string& inside) {
      return R"({"id":10,"user_id":200,"text":")" + inside + R"(","ts":1795333971})";
    };
    const auto compact = [](const std::string& payload) {
      return text_of(
          [&](std::string& out) { append_message_compact(out, message(10, 200, payload)); });
    };
    EXPECT_EQ(compact(text), form(text));
    EXPECT_EQ(compact(text + "\n" + text), form(text + "\\n" + text));
    EXPECT_EQ(compact(text + "\xE2\x82\xAC"), form(text + "\xE2\x82\xAC"));
  }
}

TEST(EventJson, AppendsBehindWhatIsThere) {
  std::string out = "[";
  append_message(out, message(1, 1, "hello"));
  append_live(out, message(1, 1, "hello"));
  EXPECT_EQ(out, "[" + hello + R"({"type": "message", "message": )" + hello + "}");
}

}  // namespace
}  // namespace banter::wire
