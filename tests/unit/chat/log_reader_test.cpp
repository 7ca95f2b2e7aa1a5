#include "chat/log_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <vector>

#include "chat/limits.hpp"
#include "unit/chat/held_store.hpp"
#include "unit/chat/remembering_relay.hpp"

namespace banter::chat {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ConversationId room{7};
constexpr Range newest_two{.count = 2, .newest = true};

class LogReaderTest : public testing::Test {
 protected:
  // Begins to read; the texts go to `into` when it is done.
  void begin(Range range, std::vector<std::string>& into) {
    boost::asio::co_spawn(
        reactor_.executor(),
        [this, range, &into]() -> Task<> {
          const auto stretch = co_await reader_.read(room, range);
          for (const auto& event : stretch.events) into.push_back(event.payload);
        },
        boost::asio::detached);
  }
  void settle() {
    while (reactor_.context().poll_one() > 0) {
    }
  }
  std::vector<std::string> read(Range range) {
    std::vector<std::string> texts;
    begin(range, texts);
    settle();
    return texts;
  }

  base::Metrics metrics_;
  base::Reactor reactor_{{}};
  HeldStore store_{reactor_.executor()};
  RememberingRelay relay_;
  LogReader reader_{reactor_, store_, relay_, metrics_};
};

TEST_F(LogReaderTest, ReadsWhatTheRelayRemembersIfItIsWhole) {
  for (const char* text : {"a", "b", "c"}) relay_.events.push_back(store_.add(room, text));
  EXPECT_THAT(read(newest_two), ElementsAre("b", "c"));
  EXPECT_EQ(store_.reads, 1U) << "the store only names the head";
  EXPECT_TRUE(relay_.refilled.empty());
}

TEST_F(LogReaderTest, ReadsTheStoreAndRefillsTheRelayWhenThatLacksTheNewest) {
  relay_.events = {store_.add(room, "a"), store_.add(room, "b")};
  store_.add(room, "c");
  EXPECT_THAT(read(newest_two), ElementsAre("b", "c"));
  EXPECT_EQ(relay_.refilled.size(), 3U);
  EXPECT_THAT(read(newest_two), ElementsAre("b", "c"));
  EXPECT_EQ(store_.reads, 3U) << "the second time the relay had it";
}

TEST_F(LogReaderTest, TrustsNoRelayThatHasAHoleOrASeqTwice) {
  const auto a = store_.add(room, "a");
  const auto b = store_.add(room, "b");
  auto other = store_.add(room, "c");
  relay_.events = {a, other};
  EXPECT_THAT(read({.count = 3, .newest = true}), ElementsAre("a", "b", "c"));
  other.payload = "somebody else's";
  relay_.events = {a, b, store_.add(room, "d"), other};
  relay_.events[2].seq = Seq{3};
  relay_.events[3].seq = Seq{4};
  relay_.events.insert(relay_.events.begin() + 2, relay_.events[2]);
  EXPECT_THAT(read({.count = 4, .newest = true}), ElementsAre("a", "b", "c", "d"));
}

TEST_F(LogReaderTest, IgnoresWhatLiesBeyondTheHeadThatTheStoreNamed) {
  relay_.events = {store_.add(room, "a")};
  auto beyond = relay_.events[0];
  beyond.seq = Seq{2};
  relay_.events.push_back(beyond);
  EXPECT_THAT(read(newest_two), ElementsAre("a"));
  EXPECT_TRUE(relay_.refilled.empty());
}

TEST_F(LogReaderTest, ReadsOlderEventsFromTheStore) {
  for (int i = 1; i <= 300; ++i) {
    const auto event = store_.add(room, std::to_string(i));
    if (i > 100) relay_.events.push_back(event);
  }
  EXPECT_THAT(read({.before = Seq{51}, .count = 2, .newest = true}), ElementsAre("49", "50"));
  EXPECT_THAT(read({.after = Seq{10}, .count = 2}), ElementsAre("11", "12"));
}

TEST_F(LogReaderTest, AsksNobodyForTheEventsOfAnEmptyLog) {
  EXPECT_THAT(read(newest_two), IsEmpty());
  EXPECT_EQ(relay_.asked, 0U);
}

TEST_F(LogReaderTest, RefillsOnceHoweverManyWait) {
  store_.add(room, "a");
  std::vector<std::string> first;
  std::vector<std::string> second;
  store_.hold(true);
  begin(newest_two, first);
  begin(newest_two, second);
  settle();
  store_.release();
  store_.release();
  settle();
  EXPECT_EQ(store_.waiting(), 1U);
  store_.release();
  settle();
  EXPECT_THAT(first, ElementsAre("a"));
  EXPECT_THAT(second, ElementsAre("a"));
  EXPECT_EQ(store_.reads, 3U);
}

TEST_F(LogReaderTest, WhoWaitedForAnOlderReadDoesNotMissWhatWasStoredSince) {
  store_.add(room, "a");
  std::vector<std::string> first;
  std::vector<std::string> second;
  store_.hold(true);
  begin(newest_two, first);
  settle();
  store_.release();
  settle();
  relay_.before_remembering = [this] { store_.add(room, "b"); };
  begin(newest_two, second);
  store_.hold(false);
  settle();
  store_.release();
  settle();
  EXPECT_THAT(second, ElementsAre("a"));
  EXPECT_THAT(read(newest_two), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace banter::chat
