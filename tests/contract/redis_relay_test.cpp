// RedisRelay on a real Redis: what travels from node to node, what is remembered, and what becomes
// of both when Redis forgets or goes away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chat/limits.hpp"
#include "contract/reactors.hpp"
#include "contract/redis_node.hpp"
#include "relay/redis/relay_names.hpp"

namespace banter::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr ConversationId room{7};

chat::Event event(std::int64_t seq, ConversationId conversation = room) {
  return {.conversation = conversation,
          .seq = Seq{seq},
          .author = UserId{3},
          .kind = chat::EventKind::message,
          .payload = "text " + std::to_string(seq),
          .client_id = "c" + std::to_string(seq),
          .at = Micros{1'000 + seq}};
}

// A reactor that a test turns by itself until something has happened.
class Listening final : public chat::RelayListener, public chat::NoticeListener {
 public:
  void on_relayed(std::vector<chat::Event> relayed) override {
    for (auto& each : relayed) events.push_back(std::move(each));
  }
  void on_interrupted() override { ++interruptions; }
  void on_notice(const chat::Notice& notice) override { notices.push_back(notice); }

  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  void until(const std::function<bool()>& happened) {
    while (!happened()) context_.run_one();
  }
  // Until happened(), again and again doing what leads to it: for what the relay may lose.
  void repeat(const std::function<void()>& attempt, const std::function<bool()>& happened) {
    while (!happened()) {
      attempt();
      context_.run_for(std::chrono::milliseconds{20});
    }
  }
  std::vector<std::int64_t> seqs() const {
    std::vector<std::int64_t> all;
    for (const auto& each : events) all.push_back(each.seq.value);
    return all;
  }

  std::vector<chat::Event> events;
  std::vector<chat::Notice> notices;
  int interruptions = 0;

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> open_{context_.get_executor()};
};

// Until Redis has it: subscribe() does not wait for long.
void subscribe(verify::RedisServer& server, const std::string& epoch, RedisNode& node,
               Listening& listening, ConversationId conversation = room) {
  await(node.relay().subscribe(conversation, listening.executor(), listening));
  const auto channel = relay::event_channel(epoch, conversation);
  while (server.command({"PUBSUB", "SHARDNUMSUB", channel}).ends_with("\n0\n")) {
  }
}

class RedisRelayTest : public testing::Test {
 protected:
  RedisRelayTest() {
    first_.await_up();
    second_.await_up();
  }
  static void publish(RedisNode& node, const std::vector<chat::Event>& events) {
    node.relay().publish(events);
  }
  std::vector<chat::Event> recent(RedisNode& node) { return await(node.relay().recent(room)); }
  // Until the window has this event.
  std::vector<chat::Event> recent_with(RedisNode& node, std::int64_t seq) {
    while (true) {
      auto events = recent(node);
      if (!events.empty() && events.back().seq == Seq{seq}) return events;
    }
  }

  std::string epoch_ = fresh_epoch();
  RedisNode first_{shared_redis().url(), epoch_};
  RedisNode second_{shared_redis().url(), epoch_};
  Listening listening_;
};

TEST_F(RedisRelayTest, EventsOfOtherNodesComeWholeAndInOrder) {
  subscribe(shared_redis(), epoch_, second_, listening_);
  publish(first_, {event(1), event(2)});
  publish(first_, {event(3), event(1, ConversationId{8})});
  listening_.until([&] { return listening_.events.size() == 3; });
  EXPECT_THAT(listening_.seqs(), ElementsAre(1, 2, 3)) << "and none of another conversation";
  const auto& got = listening_.events[1];
  EXPECT_EQ(got.conversation, room);
  EXPECT_EQ(got.author, UserId{3});
  EXPECT_EQ(got.payload, "text 2");
  EXPECT_EQ(got.client_id, "c2");
  EXPECT_EQ(got.at, Micros{1'002});
}

TEST_F(RedisRelayTest, OnesOwnEventsDoNotComeBack) {
  subscribe(shared_redis(), epoch_, second_, listening_);
  publish(second_, {event(1)});
  recent_with(first_, 1);  // it has gone through Redis
  publish(first_, {event(2)});
  listening_.until([&] { return !listening_.events.empty(); });
  EXPECT_THAT(listening_.seqs(), ElementsAre(2));
}

TEST_F(RedisRelayTest, NothingComesAfterUnsubscribing) {
  Listening other;
  subscribe(shared_redis(), epoch_, second_, listening_);
  subscribe(shared_redis(), epoch_, second_, other, ConversationId{8});
  second_.relay().unsubscribe(room);
  publish(first_, {event(1)});
  other.repeat([&] { publish(first_, {event(1, ConversationId{8})}); },
               [&] { return !other.events.empty(); });
  EXPECT_THAT(listening_.events, IsEmpty());
}

TEST_F(RedisRelayTest, TheNewestEventsAreRememberedInTheirOrder) {
  constexpr std::int64_t count = chat::window_events_max + 50;
  for (std::int64_t seq = count; seq > 0; --seq) publish(first_, {event(seq)});
  std::vector<chat::Event> events;
  do {
    events = recent_with(second_, count);
  } while (events.front().seq == Seq{count});  // the others are on their way
  for (std::int64_t seq = 1; seq <= count; ++seq) publish(first_, {event(seq)});
  do {
    events = recent_with(second_, count);
  } while (events.size() != chat::window_events_max);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].seq, Seq{51 + static_cast<std::int64_t>(i)});
  }
}

TEST_F(RedisRelayTest, WhatAReaderFetchedBecomesTheWindow) {
  second_.relay().remember({event(5), event(6)});
  EXPECT_EQ(recent_with(first_, 6).size(), 2u);
}

TEST_F(RedisRelayTest, AnotherEpochRemembersAndHearsNothing) {
  publish(first_, {event(1)});
  recent_with(second_, 1);
  subscribe(shared_redis(), epoch_, second_, listening_);
  const auto later = fresh_epoch();
  second_.relay().set_epoch(later);
  EXPECT_THAT(recent(second_), IsEmpty());
  publish(first_, {event(2)});
  recent_with(first_, 2);
  first_.relay().set_epoch(later);
  listening_.repeat([&] { publish(first_, {event(3)}); },
                    [&] { return !listening_.events.empty(); });
  EXPECT_THAT(listening_.seqs(), testing::Each(3));
}

TEST_F(RedisRelayTest, NoticesReachEveryNode) {
  Listening here;
  first_.relay().listen(here.executor(), here);
  second_.relay().listen(listening_.executor(), listening_);
  const chat::Notice removal{
      .kind = chat::Notice::Kind::member_removed, .user = UserId{3}, .conversation = room};
  listening_.repeat([&] { first_.relay().notify(removal); },
                    [&] { return !listening_.notices.empty(); });
  const auto& notice = listening_.notices[0];
  EXPECT_EQ(notice.kind, removal.kind);
  EXPECT_EQ(notice.user, removal.user);
  EXPECT_EQ(notice.conversation, removal.conversation);
  here.until([&] { return !here.notices.empty(); });
}

TEST_F(RedisRelayTest, GarbageIsCountedAndHarmsNobody) {
  subscribe(shared_redis(), epoch_, second_, listening_);
  auto& redis = shared_redis();
  redis.command({"SPUBLISH", relay::event_channel(epoch_, room), "nothing of ours"});
  redis.command({"ZADD", relay::window_key(epoch_, room), "3", "garbage"});
  publish(first_, {event(1)});
  listening_.until([&] { return !listening_.events.empty(); });
  EXPECT_THAT(listening_.seqs(), ElementsAre(1));
  EXPECT_THAT(recent(second_), Not(testing::Contains(testing::Field(&chat::Event::seq, Seq{3}))));
  EXPECT_TRUE(second_.shows("banter_relay_garbage_total 2"));
}

TEST(RedisRelayFaultTest, ARestartIsToldAndSubscriptionsComeBack) {
  verify::RedisServer server;
  const auto epoch = fresh_epoch();
  RedisNode first(server.url(), epoch);
  RedisNode second(server.url(), epoch);
  first.await_up();
  second.await_up();
  Listening listening;
  subscribe(server, epoch, second, listening);
  const int before = listening.interruptions;
  server.process().kill();
  server.start();
  listening.until([&] { return listening.interruptions > before; });
  listening.repeat([&] { first.relay().publish(std::vector{event(1)}); },
                   [&] { return !listening.events.empty(); });
}

TEST(RedisRelayFaultTest, ASubscriptionThatIsConfirmedLateIsTold) {
  verify::RedisServer server;
  RedisNode node(server.url(), fresh_epoch());
  node.await_up();
  Listening listening;
  server.process().pause();
  await(node.relay().subscribe(room, listening.executor(), listening));
  EXPECT_EQ(listening.interruptions, 0);
  server.process().resume();
  listening.until([&] { return listening.interruptions > 0; });
}

TEST(RedisRelayFaultTest, WithoutRedisNothingWaits) {
  RedisNode node("redis://127.0.0.1:" + std::to_string(verify::free_port()), fresh_epoch());
  Listening listening;
  await(node.relay().subscribe(room, listening.executor(), listening));
  node.relay().publish(std::vector{event(1)});
  EXPECT_THAT(await(node.relay().recent(room)), IsEmpty());
  while (!node.shows("banter_relay_dropped_total 1")) std::this_thread::yield();
}

}  // namespace
}  // namespace banter::contract
