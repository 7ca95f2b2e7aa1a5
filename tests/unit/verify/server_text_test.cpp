#include "verify/drive/server_text.hpp"

#include <gtest/gtest.h>

namespace banter::verify {
namespace {

TEST(ServerText, LiveMessage) {
  ServerText text;
  const auto seen = text.frame(
      SocketId{4},
      R"({"type": "message", "message": {"id": 2, "user_id": 1, "text": "h\u00e9", "ts": 17}})");
  ASSERT_TRUE(seen) << seen.error();
  const auto& live = std::get<LiveMessage>(seen->record);
  EXPECT_EQ(live.socket, SocketId{4});
  EXPECT_EQ(live.message.seq, Seq{2});
  EXPECT_EQ(live.message.user, UserId{1});
  EXPECT_EQ(live.message.ts, 17);
  EXPECT_EQ(live.message.body, Body::of("hé"));
}

TEST(ServerText, HistoryWithAndWithoutItsExtent) {
  ServerText text;
  const auto plain = text.frame(SocketId{1}, R"({"type": "history", "messages": []})");
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_FALSE(std::get<HistoryFrame>(plain->record).extent);
  const auto page = text.frame(
      SocketId{1}, R"({"type":"history","messages":[{"id":6,"user_id":1,"text":"a","ts":1}],)"
                   R"("from":6,"to":6,"head":9,"more":true,"epoch":"e","reset":false})");
  ASSERT_TRUE(page) << page.error();
  const auto& frame = std::get<HistoryFrame>(page->record);
  ASSERT_EQ(frame.messages.size(), 1U);
  ASSERT_TRUE(frame.extent);
  EXPECT_EQ(frame.extent->head, Seq{9});
  EXPECT_TRUE(frame.extent->more);
  EXPECT_EQ(frame.extent->epoch, "e");
}

TEST(ServerText, AckErrorAndRateLimit) {
  ServerText text;
  const auto ack = text.frame(
      SocketId{1}, R"({"type": "ack", "client_id": "c", "id": 3, "ts": 5, "epoch": "e"})");
  ASSERT_TRUE(ack) << ack.error();
  EXPECT_EQ(std::get<Ack>(ack->record).seq, Seq{3});
  const auto error = text.frame(
      SocketId{1}, R"({"type": "error", "code": "unavailable", "detail": "x", "client_id": "c", )"
                   R"("retry_after": 2})");
  ASSERT_TRUE(error) << error.error();
  EXPECT_EQ(std::get<ErrorFrame>(error->record).code, "unavailable");
  EXPECT_EQ(error->retry_after, std::chrono::seconds{2});
  const auto limited =
      text.frame(SocketId{1}, R"({"type": "rate_limited", "retry_after": 8, "message": "m"})");
  ASSERT_TRUE(limited) << limited.error();
  EXPECT_EQ(std::get<ErrorFrame>(limited->record).code, "rate_limited");
  EXPECT_EQ(std::get<ErrorFrame>(limited->record).client_id, "");
}

TEST(ServerText, HistoryOverHttp) {
  ServerText text;
  const auto read = text.history(
      CallId{7}, R"({"messages":[{"id":1,"user_id":2,"text":"t","ts":3}],"head":1,"epoch":"e"})");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->call, CallId{7});
  EXPECT_EQ(read->head, Seq{1});
  EXPECT_EQ(read->epoch, "e");
  const auto plain = text.history(CallId{7}, R"({"messages":[]})");
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_FALSE(plain->head);
}

TEST(ServerText, WhatIsNoneOfTheProtocolsIsToldWithItsText) {
  ServerText text;
  for (const auto* frame :
       {"", "[]", "{}", "{", R"({"type": "message"})", R"({"type": "ack", "client_id": 3})",
        R"({"type": "history", "messages": [1]})", R"({"type": "greeting"})",
        R"({"type": "message", "message": {"id": "1", "user_id": 1, "text": "", "ts": 1}})"}) {
    const auto seen = text.frame(SocketId{1}, frame);
    ASSERT_FALSE(seen) << frame;
    EXPECT_TRUE(seen.error().contains(frame)) << seen.error();
  }
}

}  // namespace
}  // namespace banter::verify
