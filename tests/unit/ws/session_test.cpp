#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chat/limits.hpp"
#include "unit/ws/session_world.hpp"

namespace banter::ws {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string no_history = R"({"type": "history", "messages": []})";

TEST(Session, SendsTheHistoryFirstAsTheReplacedSystemDid) {
  World world;
  Client client(world, {});
  EXPECT_EQ(client.text(), no_history);
  EXPECT_TRUE(client.silent());
}

TEST(Session, DeliversAMessageToEverybodyAndItsSender) {
  World world;
  Client a(world, {.user = UserId{1}});
  Client b(world, {.user = UserId{2}});
  (void)a.text();
  (void)b.text();
  a.say("hello");
  const auto frame = a.text();
  EXPECT_THAT(frame, StartsWith(R"({"type": "message", "message": {"id": 1, "user_id": 1, )"
                                R"("text": "hello", "ts": )"));
  EXPECT_EQ(b.text(), frame);
  EXPECT_TRUE(a.silent()) << "no ack without a client_id";
}

TEST(Session, AcknowledgesAfterTheSenderSawItsMessage) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.say("hello", "c-1");
  EXPECT_THAT(a.text(), HasSubstr(R"("type": "message")"));
  const auto ack = a.text();
  EXPECT_THAT(ack, StartsWith(R"({"type": "ack", "client_id": "c-1", "id": 1, "ts": )"));
  EXPECT_THAT(ack, HasSubstr(R"("epoch": "memory"})"));
}

TEST(Session, AcknowledgesARepeatedSendAlikeAndDeliversItOnce) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.say("hello", "c-1");
  (void)a.text();
  const auto ack = a.text();
  a.say("hello", "c-1");
  EXPECT_EQ(a.text(), ack);
  EXPECT_TRUE(a.silent());
}

TEST(Session, RefusesAnotherTextUnderTheSameClientId) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.say("hello", "c-1");
  (void)a.text();
  (void)a.text();
  a.say("other", "c-1");
  const auto error = a.text();
  EXPECT_THAT(error, StartsWith(R"({"type": "error", "code": "conflict", )"));
  EXPECT_THAT(error, HasSubstr(R"("client_id": "c-1")"));
}

TEST(Session, TellsThatTheOutcomeIsUnknownWhenTheStoreFails) {
  using Fault = store::MemoryStore::Fault;
  using Operation = store::MemoryStore::Operation;
  auto fault = std::make_shared<Fault>(Fault::none);
  World world({.fault =
                   [fault](Operation operation) {
                     return operation == Operation::append ? *fault : Fault::none;
                   },
               .healthy = {}});
  Client a(world, {});
  (void)a.text();
  *fault = Fault::after_effect;
  a.say("hello", "c-1");
  const auto error = a.text();
  EXPECT_THAT(error, StartsWith(R"({"type": "error", "code": "unavailable", )"));
  EXPECT_THAT(error, HasSubstr(R"("client_id": "c-1")"));
  EXPECT_THAT(error, HasSubstr(R"("retry_after": )"));
  *fault = Fault::none;
  a.say("hello", "c-1");
  EXPECT_THAT(a.text(), StartsWith(R"({"type": "ack", "client_id": "c-1", "id": 1)"));
}

TEST(Session, AnswersBadFramesAndStaysOpen) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.send("{");
  EXPECT_THAT(a.text(), StartsWith(R"({"type": "error", "code": "bad_json")"));
  a.send(R"({"text": 5})");
  EXPECT_THAT(a.text(), StartsWith(R"({"type": "error", "code": "bad_message")"));
  a.say(std::string(chat::text_bytes_max + 1, 'x'), "c-9");
  const auto error = a.text();
  EXPECT_THAT(error, StartsWith(R"({"type": "error", "code": "too_large")"));
  EXPECT_THAT(error, HasSubstr(R"("client_id": "c-9")"));
  a.say("fine");
  EXPECT_THAT(a.text(), HasSubstr(R"("text": "fine")"));
}

TEST(Session, EndsAClientThatDoesNotStopToErr) {
  World world;
  Client a(world, {});
  (void)a.text();
  for (std::size_t i = 0; i <= chat::errors_per_window_max; ++i) a.send("{");
  for (std::size_t i = 0; i <= chat::errors_per_window_max; ++i) (void)a.text();
  EXPECT_EQ(a.close_code(), 4009);
}

TEST(Session, EchoesACloseAndEndsTheConnection) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.send(
      "\x03\xe8"
      "bye",
      8);
  const Frame close = a.next();
  EXPECT_EQ(close.close_code(), 1000);
  EXPECT_EQ(close.payload.substr(2), "bye");
  EXPECT_TRUE(a.ended());
}

TEST(Session, AnswersPingsWithTheirPayload) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.send("payload", 9);
  const Frame pong = a.next();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "payload");
}

TEST(Session, ClosesOnBinaryAndOnBrokenFraming) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.send("x", 2);
  EXPECT_EQ(a.close_code(), 1003);
  Client b(world, {});
  (void)b.text();
  b.send_raw("\x81\x01x");  // not masked
  EXPECT_EQ(b.close_code(), 1002);
  Client c(world, {});
  (void)c.text();
  c.send("\xff");
  EXPECT_EQ(c.close_code(), 1007);
}

TEST(Session, LimitsTheRateOfAUserOverAllItsSockets) {
  World world({}, {.count = 2, .window = std::chrono::seconds{10}});
  Client a(world, {.user = UserId{1}});
  Client b(world, {.user = UserId{1}});
  (void)a.text();
  (void)b.text();
  a.say("1");
  (void)a.text();
  (void)b.text();
  b.say("2");
  (void)a.text();
  (void)b.text();
  a.say("3", "c-3");
  EXPECT_EQ(a.text(), R"({"type": "rate_limited", "retry_after": 10, )"
                      R"("message": "Too many messages. Try again in 10s.", "client_id": "c-3"})");
  EXPECT_TRUE(b.silent());
}

TEST(Session, EndsWhenItsTokenExpires) {
  World world;
  Client a(world, {.token_lives = 0});
  (void)a.text();
  EXPECT_EQ(a.close_code(), 4010);
}

TEST(Session, EndsTheSlowOneAloneAndTheOthersAreServed) {
  World world;
  Client reader(world, {.user = UserId{1}});
  Client slow(world, {.user = UserId{2}});
  (void)reader.text();
  const std::string text(chat::text_bytes_max, 'x');
  const int count = static_cast<int>(2 * chat::outbox_bytes_max / chat::text_bytes_max);
  for (int i = 0; i < count; ++i) {
    reader.say(text);
    EXPECT_THAT(reader.text(), HasSubstr(R"({"id": )" + std::to_string(i + 1) + ","));
  }
  world.until([&] { return world.session_metrics.slow.Value() == 1; });
  std::uint16_t code = 0;
  int received = 0;
  while (code == 0) {
    const Frame frame = slow.next();
    if (frame.opcode == 8) code = frame.close_code();
    ++received;
  }
  EXPECT_EQ(code, 4108);
  EXPECT_LT(received, count) << "what it did not read was dropped, whole frames only";
}

TEST(Session, StopsReadingWhileTooMuchIsUncommittedAndGoesOnInOrder) {
  World world;
  Client a(world, {});
  (void)a.text();
  const int count = static_cast<int>(3 * chat::uncommitted_sends_max);
  for (int i = 0; i < count; ++i) a.say(std::to_string(i), "c-" + std::to_string(i));
  for (int i = 0; i < count; ++i) {
    std::string text = a.text();
    EXPECT_THAT(text, HasSubstr(R"("text": ")" + std::to_string(i) + "\""));
    text = a.text();
    EXPECT_THAT(text, HasSubstr(R"("client_id": "c-)" + std::to_string(i) + "\""));
  }
  EXPECT_GT(world.session_metrics.deferrals.Value(), 0);
}

TEST(Hub, EndsTheSocketsOfAUserOrAMember) {
  World world;
  Client a(world, {.user = UserId{1}});
  Client b(world, {.user = UserId{2}});
  (void)a.text();
  (void)b.text();
  world.hub.end_member(world.room, UserId{2}, wire::CloseCode::removed);
  EXPECT_EQ(b.close_code(), 4011);
  EXPECT_TRUE(a.silent());
  world.hub.end_user(UserId{1}, wire::CloseCode::no_user);
  EXPECT_EQ(a.close_code(), 4003);
}

TEST(Hub, ForgetsASocketThatIsGone) {
  World world;
  Client a(world, {});
  (void)a.text();
  EXPECT_EQ(world.hub.sessions(), 1U);
  a.leave();
  world.until([&] { return world.hub.sessions() == 0; });
}

TEST(Hub, AnswersWhatIsOnItsWayBeforeItShutsDown) {
  World world;
  Client a(world, {});
  (void)a.text();
  a.say("hello", "c-1");
  world.until([&] { return !world.appender.idle(); });
  world.hub.shut_down();
  EXPECT_THAT(a.text(), HasSubstr("hello"));
  EXPECT_THAT(a.text(), HasSubstr(R"("type": "ack")"));
  EXPECT_EQ(a.close_code(), 1012);
  Client late(world, {});
  EXPECT_EQ(late.close_code(), 1012);
}

}  // namespace
}  // namespace banter::ws
