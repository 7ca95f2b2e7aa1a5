#include "chat/append.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chat/limits.hpp"
#include "relay/in_process/in_process_relay.hpp"
#include "unit/chat/held_store.hpp"

namespace banter::chat {
namespace {

using testing::ElementsAre;

constexpr ConversationId room{7};
constexpr AppendQueue::Limits roomy{.events_max = 1000, .bytes_max = 1 << 20};

PendingEvent send(std::string text, ConversationId conversation = room) {
  return {.conversation = conversation,
          .author = UserId{1},
          .payload = std::move(text),
          .client_id = {}};
}

TEST(AppendQueue, GivesABatchInOrder) {
  AppendQueue queue(roomy);
  for (const char* text : {"a", "b", "c"}) {
    auto event = send(text);
    AppendDone done;
    ASSERT_TRUE(queue.push(event, done));
  }
  const auto batch = queue.take_batch();
  ASSERT_EQ(batch.events.size(), 3U);
  EXPECT_EQ(batch.events[0].payload, "a");
  EXPECT_EQ(batch.events[2].payload, "c");
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(AppendQueue, BoundsABatchByEventsAndByBytes) {
  AppendQueue queue({.events_max = 2 * append_batch_events_max, .bytes_max = 64U << 20});
  for (std::size_t i = 0; i < append_batch_events_max + 1; ++i) {
    auto event = send("x");
    AppendDone done;
    ASSERT_TRUE(queue.push(event, done));
  }
  EXPECT_EQ(queue.take_batch().events.size(), append_batch_events_max);
  EXPECT_EQ(queue.take_batch().events.size(), 1U);
  for (int i = 0; i < 3; ++i) {
    auto event = send(std::string(append_batch_bytes_max / 2, 'x'));
    AppendDone done;
    ASSERT_TRUE(queue.push(event, done));
  }
  EXPECT_EQ(queue.take_batch().events.size(), 2U);
}

TEST(AppendQueue, RefusesPastEitherBoundAndTakesNothing) {
  AppendQueue queue({.events_max = 2, .bytes_max = 10});
  AppendDone done;
  auto large = send("0123456789a");
  EXPECT_FALSE(queue.push(large, done));
  EXPECT_EQ(large.payload, "0123456789a");
  auto a = send("a");
  auto b = send("b");
  auto c = send("c");
  EXPECT_TRUE(queue.push(a, done));
  EXPECT_TRUE(queue.push(b, done));
  EXPECT_FALSE(queue.push(c, done));
  EXPECT_EQ(queue.events(), 2U);
}

class AppenderTest : public testing::Test {
 protected:
  void submit(std::string text, ConversationId conversation = room) {
    const auto taken =
        appender_.submit(send(text, conversation), [this, text](const AppendAnswer& answer) {
          log_.push_back((answer ? "ack " : "failed ") + text);
        });
    if (!taken) log_.push_back("overloaded " + text);
  }
  void settle() {
    while (reactor_.context().poll_one() > 0) {
    }
  }

  std::vector<std::string> log_;
  base::Metrics metrics_;
  base::Reactor reactor_{{}};
  HeldStore store_{reactor_.executor()};
  relay::InProcessRelay relay_;
  LogReader logs_{reactor_, store_, relay_, metrics_};
  Timelines timelines_{
      reactor_, store_,   logs_,
      relay_,   metrics_, [this](const Event& event) { log_.push_back("event " + event.payload); }};
  Appender appender_{reactor_, store_,   timelines_,
                     relay_,   metrics_, {.events_max = 5, .bytes_max = 1000}};
};

TEST_F(AppenderTest, CommitsWhatOneTurnBroughtInOneBatch) {
  submit("a");
  submit("b");
  settle();
  EXPECT_THAT(store_.batches, ElementsAre(2U));
  EXPECT_THAT(log_, ElementsAre("ack a", "ack b"));
  EXPECT_TRUE(appender_.idle());
}

TEST_F(AppenderTest, QueuesWhileABatchIsInFlightAndCommitsAllOfItNext) {
  store_.hold(true);
  submit("a");
  settle();
  submit("b");
  submit("c");
  settle();
  EXPECT_THAT(store_.batches, ElementsAre(1U));
  EXPECT_TRUE(log_.empty()) << "nothing is acknowledged before the commit";
  store_.release();
  settle();
  EXPECT_THAT(store_.batches, ElementsAre(1U, 2U));
  EXPECT_THAT(log_, ElementsAre("ack a"));
  store_.release();
  settle();
  EXPECT_THAT(log_, ElementsAre("ack a", "ack b", "ack c"));
}

TEST_F(AppenderTest, DeliversAnEventBeforeItsAck) {
  std::optional<Timelines::Lease> lease;
  boost::asio::co_spawn(
      reactor_.executor(), [&]() -> Task<> { lease = co_await timelines_.open(room); },
      boost::asio::detached);
  settle();
  ASSERT_TRUE(lease);
  submit("a");
  submit("b");
  settle();
  EXPECT_THAT(log_, ElementsAre("event a", "ack a", "event b", "ack b"));
}

TEST_F(AppenderTest, AnswersOverloadedAtOnceWhenTheQueueIsFull) {
  store_.hold(true);
  for (const char* text : {"1", "2", "3", "4", "5", "6"}) submit(text);
  EXPECT_THAT(log_, ElementsAre("overloaded 6"));
  settle();
  store_.hold(false);
  store_.release();
  settle();
  EXPECT_EQ(log_.size(), 6U);
}

TEST_F(AppenderTest, AnswersUnavailableWhenTheStoreFailsAndGoesOn) {
  store_.hold(true);
  submit("a");
  settle();
  submit("b");
  store_.release(true);
  settle();
  EXPECT_THAT(log_, ElementsAre("failed a"));
  store_.release();
  settle();
  EXPECT_THAT(log_, ElementsAre("failed a", "ack b"));
  EXPECT_TRUE(appender_.idle());
}

TEST_F(AppenderTest, TellsTheSenderOfAnUnknownOutcomeAndNobodyElse) {
  store_.unknown = "b";
  std::optional<Timelines::Lease> lease;
  boost::asio::co_spawn(
      reactor_.executor(), [&]() -> Task<> { lease = co_await timelines_.open(room); },
      boost::asio::detached);
  settle();
  for (const char* text : {"a", "b", "c"}) submit(text);
  settle();
  EXPECT_THAT(log_, ElementsAre("event a", "ack a", "failed b", "event c", "ack c"));
}

}  // namespace
}  // namespace banter::chat
