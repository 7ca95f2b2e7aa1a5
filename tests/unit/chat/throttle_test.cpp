#include "chat/throttle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <string>
#include <thread>
#include <vector>

namespace banter::chat {
namespace {

using namespace std::chrono_literals;

template <class T>
T await(Task<T> task) {
  boost::asio::io_context context(1);
  auto answer = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return answer.get();
}

class ThrottleTest : public testing::Test {
 protected:
  Verdict admit(std::vector<Quota> quotas, SteadyTime now) {
    return await(throttle_.admit(std::move(quotas), now));
  }
  Verdict admit(std::string identity, std::size_t count, SteadyTime now) {
    return admit({{.scope = "test", .identity = std::move(identity), .rate = {count}}}, now);
  }
  Verdict send(UserId user, ConversationId conversation, SteadyTime now) {
    Verdict answer{.admitted = false};
    throttle_.admit_message(context_.get_executor(), user, conversation,
                            {.count = 5, .window = 10s}, now,
                            [&](Verdict verdict) { answer = verdict; });
    return answer;
  }

  base::Metrics metrics_;
  boost::asio::io_context context_{1};
  InProcessThrottle throttle_{metrics_};
  SteadyTime start_{1h};
};

TEST_F(ThrottleTest, AdmitsExactlyTheCountInAnyWindow) {
  EXPECT_TRUE(admit("a", 2, start_).admitted);
  EXPECT_TRUE(admit("a", 2, start_ + 30s).admitted);
  EXPECT_FALSE(admit("a", 2, start_ + 59s).admitted);
  EXPECT_TRUE(admit("a", 2, start_ + 60s).admitted) << "the first one left the window";
  EXPECT_FALSE(admit("a", 2, start_ + 61s).admitted) << "the second one did not";
  EXPECT_TRUE(admit("a", 2, start_ + 90s).admitted);
}

TEST_F(ThrottleTest, TellsTheWaitInWholeSecondsRoundedUp) {
  EXPECT_TRUE(admit("a", 1, start_).admitted);
  EXPECT_EQ(admit("a", 1, start_).retry_after, 60s);
  EXPECT_EQ(admit("a", 1, start_ + 17'400ms).retry_after, 43s);
  EXPECT_EQ(admit("a", 1, start_ + 59'999ms).retry_after, 1s);
}

TEST_F(ThrottleTest, DoesNotCountWhatItRefuses) {
  EXPECT_TRUE(admit("a", 1, start_).admitted);
  for (int i = 1; i < 60; ++i) EXPECT_FALSE(admit("a", 1, start_ + i * 1s).admitted);
  EXPECT_TRUE(admit("a", 1, start_ + 60s).admitted);
}

TEST_F(ThrottleTest, KeepsIdentitiesAndScopesApart) {
  EXPECT_TRUE(admit("a", 1, start_).admitted);
  EXPECT_TRUE(admit("b", 1, start_).admitted);
  EXPECT_TRUE(admit({{.scope = "other", .identity = "a", .rate = {1}}}, start_).admitted);
  EXPECT_FALSE(admit("a", 1, start_).admitted);
}

TEST_F(ThrottleTest, CountsInEveryQuotaThatAllowsAndTellsTheLongestWait) {
  const Quota narrow{.scope = "narrow", .identity = "a", .rate = {1}};
  const Quota wide{.scope = "wide", .identity = "a", .rate = {3}};
  EXPECT_TRUE(admit({narrow, wide}, start_).admitted);
  EXPECT_FALSE(admit({narrow, wide}, start_ + 10s).admitted);
  EXPECT_FALSE(admit({narrow, wide}, start_ + 20s).admitted);
  const auto verdict = admit({wide, narrow}, start_ + 30s);
  EXPECT_EQ(verdict.retry_after, 30s) << "both are full; narrow and wide free at once";
  EXPECT_TRUE(admit({narrow}, start_ + 60s).admitted);
  EXPECT_EQ(admit({wide, narrow}, start_ + 61s).retry_after, 59s) << "wide allows, narrow does not";
}

TEST_F(ThrottleTest, HasNoLimitWhereTheCountIsZero) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(admit("a", 0, start_).admitted);
  EXPECT_TRUE(admit({}, start_).admitted);
}

TEST_F(ThrottleTest, PeeksWithoutCounting) {
  const Quota quota{.scope = "test", .identity = "a", .rate = {1}};
  EXPECT_TRUE(await(throttle_.peek({quota}, start_)).admitted);
  EXPECT_TRUE(await(throttle_.peek({quota}, start_)).admitted);
  EXPECT_TRUE(admit({quota}, start_).admitted);
  EXPECT_EQ(await(throttle_.peek({quota}, start_ + 1s)).retry_after, 59s);
}

TEST_F(ThrottleTest, AdmitsExactlyTheCountOfManyAtOnce) {
  constexpr std::size_t count = 500;
  std::atomic<std::size_t> admitted = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        if (admit("a", count, start_ + i * 1ms).admitted) ++admitted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(admitted, count);
}

TEST_F(ThrottleTest, ForgetsTheOldestIdentityPastItsBound) {
  EXPECT_TRUE(admit("first", 1, start_).admitted);
  EXPECT_TRUE(admit("second", 1, start_).admitted);
  for (int i = 0; i < 99'999; ++i) admit(std::to_string(i), 1, start_);
  EXPECT_TRUE(admit("first", 1, start_).admitted) << "it was the oldest of 100,001";
  EXPECT_FALSE(admit("99998", 1, start_).admitted) << "the newest is remembered";
}

TEST_F(ThrottleTest, LimitsMessagesInAFixedWindowFromTheFirst) {
  const UserId user{1};
  const ConversationId room{7};
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send(user, room, start_ + i * 1s).admitted);
  const auto refused = send(user, room, start_ + 4500ms);
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.retry_after, 6s);
  EXPECT_FALSE(send(user, room, start_ + 9999ms).admitted) << "refused ones do not extend it";
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send(user, room, start_ + 10s).admitted);
  EXPECT_FALSE(send(user, room, start_ + 10s).admitted);
}

TEST_F(ThrottleTest, LimitsMessagesPerUserAndConversation) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send(UserId{1}, ConversationId{7}, start_).admitted);
  EXPECT_FALSE(send(UserId{1}, ConversationId{7}, start_).admitted);
  EXPECT_TRUE(send(UserId{2}, ConversationId{7}, start_).admitted);
  EXPECT_TRUE(send(UserId{1}, ConversationId{8}, start_).admitted);
  EXPECT_TRUE(send(UserId{7}, ConversationId{1}, start_).admitted);
}

TEST_F(ThrottleTest, LiftsTheLimitOfMessages) {
  int admitted = 0;
  for (int i = 0; i < 100; ++i) {
    throttle_.admit_message(context_.get_executor(), UserId{1}, ConversationId{1},
                            {.count = 0, .window = 10s}, start_,
                            [&](Verdict verdict) { admitted += verdict.admitted ? 1 : 0; });
  }
  EXPECT_EQ(admitted, 100);
}

TEST_F(ThrottleTest, CountsRefusalsByScope) {
  admit("a", 1, start_);
  admit("a", 1, start_);
  for (int i = 0; i < 7; ++i) send(UserId{1}, ConversationId{1}, start_);
  const auto text = metrics_.text();
  EXPECT_THAT(text, testing::HasSubstr("banter_chat_throttled_total{scope=\"test\"} 1\n"));
  EXPECT_THAT(text, testing::HasSubstr("banter_chat_throttled_total{scope=\"message\"} 2\n"));
}

}  // namespace
}  // namespace banter::chat
