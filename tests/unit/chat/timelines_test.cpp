#include "chat/timelines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chat/conversations.hpp"
#include "chat/limits.hpp"
#include "relay/in_process/in_process_relay.hpp"
#include "unit/chat/held_store.hpp"

namespace banter::chat {
namespace {

using testing::ElementsAre;

constexpr ConversationId room{7};

class TimelinesTest : public testing::Test {
 protected:
  void open(std::optional<Timelines::Lease>& lease, bool& failed) {
    boost::asio::co_spawn(
        reactor_.executor(),
        [this, &lease, &failed]() -> Task<> {
          try {
            lease = co_await timelines_.open(room);
          } catch (const Unavailable&) {
            failed = true;
          }
        },
        boost::asio::detached);
  }
  void settle() {
    while (reactor_.context().poll_one() > 0) {
    }
  }

  std::vector<std::string> delivered_;
  base::Metrics metrics_;
  base::Reactor reactor_{{}};
  HeldStore store_{reactor_.executor()};
  relay::InProcessRelay relay_;
  LogReader logs_{reactor_, store_, relay_, metrics_};
  Timelines timelines_{reactor_,
                       store_,
                       logs_,
                       relay_,
                       metrics_,
                       [this](const Event& event) { delivered_.push_back(event.payload); },
                       std::chrono::milliseconds{0}};
  std::optional<Timelines::Lease> lease_;
  bool failed_ = false;
};

TEST_F(TimelinesTest, LoadsTheNewestEventsOnce) {
  store_.add(room, "a");
  store_.add(room, "b");
  store_.hold(true);
  std::optional<Timelines::Lease> second;
  open(lease_, failed_);
  open(second, failed_);
  settle();
  EXPECT_EQ(store_.waiting(), 1U) << "one load however many wait";
  store_.release();
  settle();
  ASSERT_TRUE(lease_);
  ASSERT_TRUE(second);
  EXPECT_EQ((*lease_)->head(), Seq{2});
  EXPECT_EQ(store_.reads, 1U);
  EXPECT_TRUE(delivered_.empty()) << "history is not news";
}

TEST_F(TimelinesTest, FailsAllWhoWaitedAndLoadsAgainForTheNext) {
  store_.hold(true);
  bool second_failed = false;
  std::optional<Timelines::Lease> second;
  open(lease_, failed_);
  open(second, second_failed);
  settle();
  store_.release(true);
  settle();
  EXPECT_TRUE(failed_);
  EXPECT_TRUE(second_failed);
  store_.hold(false);
  open(lease_, failed_);
  settle();
  EXPECT_TRUE(lease_);
}

TEST_F(TimelinesTest, KeepsWhatIsRelayedWhileLoading) {
  store_.hold(true);
  open(lease_, failed_);
  settle();
  timelines_.offer(store_.add(room, "meanwhile"));
  store_.release();
  settle();
  ASSERT_TRUE(lease_);
  EXPECT_EQ((*lease_)->head(), Seq{1});
}

TEST_F(TimelinesTest, RepairsAGapFromTheStoreAndDeliversInOrder) {
  open(lease_, failed_);
  settle();
  store_.add(room, "lost 1");
  store_.add(room, "lost 2");
  timelines_.offer(store_.add(room, "heard"));
  settle();
  EXPECT_THAT(delivered_, ElementsAre("lost 1", "lost 2", "heard"));
}

TEST_F(TimelinesTest, KeepsDeliveringWhileAGapIsBeingRepaired) {
  open(lease_, failed_);
  settle();
  store_.hold(true);
  store_.add(room, "lost");
  timelines_.offer(store_.add(room, "heard"));
  settle();
  timelines_.offer(store_.add(room, "later"));
  EXPECT_TRUE(delivered_.empty()) << "nothing passes a gap";
  store_.release();
  settle();
  EXPECT_THAT(delivered_, ElementsAre("lost", "heard", "later"));
}

TEST_F(TimelinesTest, FetchesALostTailOfASharedStoreWhenTheSweepAsksForHeads) {
  store_.is_shared = true;
  open(lease_, failed_);
  settle();
  store_.add(room, "lost 1");
  store_.add(room, "lost 2");
  timelines_.sweep(reactor_.turn_time());
  settle();
  EXPECT_THAT(delivered_, ElementsAre("lost 1", "lost 2"));
}

TEST_F(TimelinesTest, FetchesALostTailAtOnceWhenTheRelayWasInterrupted) {
  store_.is_shared = true;
  open(lease_, failed_);
  settle();
  store_.add(room, "lost");
  timelines_.on_interrupted();
  settle();
  EXPECT_THAT(delivered_, ElementsAre("lost"));
}

TEST_F(TimelinesTest, AsksAgainWhenInterruptedWhileAQuestionIsOut) {
  store_.is_shared = true;
  open(lease_, failed_);
  settle();
  store_.hold(true);
  timelines_.on_interrupted();
  settle();
  timelines_.on_interrupted();
  timelines_.on_interrupted();
  EXPECT_EQ(store_.waiting(), 1U) << "one question at a time";
  store_.add(room, "lost");
  store_.hold(false);
  store_.release();
  settle();
  EXPECT_EQ(store_.heads_asked, 2U);
  EXPECT_THAT(delivered_, ElementsAre("lost"));
}

TEST_F(TimelinesTest, AsksAStoreOfItsOwnForNoHeads) {
  open(lease_, failed_);
  settle();
  timelines_.sweep(reactor_.turn_time());
  timelines_.on_interrupted();
  settle();
  EXPECT_EQ(store_.heads_asked, 0U);
}

TEST_F(TimelinesTest, GoesOnAskingAfterTheStoreFailed) {
  store_.is_shared = true;
  open(lease_, failed_);
  settle();
  store_.add(room, "lost");
  store_.hold(true);
  timelines_.sweep(reactor_.turn_time());
  settle();
  store_.release(true);
  settle();
  EXPECT_TRUE(delivered_.empty());
  store_.hold(false);
  timelines_.sweep(reactor_.turn_time());
  settle();
  EXPECT_THAT(delivered_, ElementsAre("lost"));
}

TEST_F(TimelinesTest, GivesNothingMoreToLeasesOfAFormerEpoch) {
  open(lease_, failed_);
  settle();
  timelines_.forget_all();
  timelines_.offer(store_.add(room, "of the new epoch"));
  settle();
  EXPECT_TRUE(delivered_.empty());
  EXPECT_EQ(timelines_.find(room), nullptr);
  EXPECT_EQ((*lease_)->head(), Seq{0}) << "it stays as it was";
  std::optional<Timelines::Lease> second;
  open(second, failed_);
  settle();
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->head(), Seq{1});
  lease_.reset();
  timelines_.sweep(reactor_.turn_time());
  timelines_.offer(store_.add(room, "next"));
  EXPECT_THAT(delivered_, ElementsAre("next"));
}

TEST_F(TimelinesTest, FailsALoadThatTheNewEpochOvertook) {
  store_.hold(true);
  open(lease_, failed_);
  settle();
  timelines_.forget_all();
  store_.release();
  settle();
  EXPECT_TRUE(failed_);
  EXPECT_FALSE(lease_);
}

TEST_F(TimelinesTest, IgnoresConversationsThatNobodyReads) {
  timelines_.offer(store_.add(room, "x"));
  settle();
  EXPECT_TRUE(delivered_.empty());
  EXPECT_EQ(timelines_.find(room), nullptr);
}

TEST_F(TimelinesTest, ForgetsATimelineSomeTimeAfterItsLastReader) {
  open(lease_, failed_);
  settle();
  const auto now = reactor_.turn_time();
  timelines_.sweep(now + timeline_linger * 2);
  EXPECT_NE(timelines_.find(room), nullptr) << "leased ones stay";
  lease_.reset();
  timelines_.sweep(now + timeline_linger / 2);
  EXPECT_NE(timelines_.find(room), nullptr);
  timelines_.sweep(now + timeline_linger * 2);
  EXPECT_EQ(timelines_.find(room), nullptr);
}

TEST_F(TimelinesTest, AnswersHistoryOfALiveConversationWithoutTheStore) {
  store_.add(room, "a");
  open(lease_, failed_);
  settle();
  Conversations conversations(reactor_, store_, logs_, timelines_);
  std::vector<std::size_t> sizes;
  const auto read = [&] {
    boost::asio::co_spawn(
        reactor_.executor(),
        [&]() -> Task<> {
          std::size_t seen = 0;
          const auto extent = co_await conversations.history(
              room, UserId{1}, {.count = 50, .newest = true}, [&seen](const Event&) { ++seen; });
          sizes.push_back(extent ? seen : 999);
        },
        boost::asio::detached);
    settle();
  };
  const auto reads = store_.reads;
  read();
  read();
  EXPECT_THAT(sizes, ElementsAre(1U, 1U));
  EXPECT_EQ(store_.reads, reads);
  EXPECT_EQ(store_.accesses, 1U) << "a member of a moment ago is remembered";
  store_.member = false;
  conversations.forget_members();
  read();
  EXPECT_EQ(sizes.back(), 999U) << "a former member is not";
}

TEST_F(TimelinesTest, ReachesAHeadThatNoRelayBrought) {
  open(lease_, failed_);
  settle();
  store_.add(room, "1");
  store_.add(room, "2");
  bool reached = false;
  boost::asio::co_spawn(
      reactor_.executor(),
      [&]() -> Task<> {
        co_await timelines_.reach(*lease_, Seq{2});
        reached = true;
      },
      boost::asio::detached);
  settle();
  EXPECT_TRUE(reached);
  EXPECT_THAT(delivered_, ElementsAre("1", "2")) << "others hear of it, too";
}

TEST_F(TimelinesTest, HistoryOfASharedStoreHasWhatOthersStoredThoughTheTimelineLacksIt) {
  store_.is_shared = true;
  store_.add(room, "a");
  open(lease_, failed_);
  settle();
  store_.add(room, "b");
  Conversations conversations(reactor_, store_, logs_, timelines_);
  std::vector<std::string> texts;
  boost::asio::co_spawn(
      reactor_.executor(),
      [&]() -> Task<> {
        co_await conversations.history(
            room, UserId{1}, {.count = 50, .newest = true},
            [&texts](const Event& event) { texts.push_back(event.payload); });
      },
      boost::asio::detached);
  settle();
  EXPECT_THAT(texts, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace banter::chat
