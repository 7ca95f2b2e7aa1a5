// Relay: what every implementation does within one node. What travels between nodes is in
// redis_relay_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "contract/reactors.hpp"
#include "contract/redis_node.hpp"
#include "relay/in_process/in_process_relay.hpp"

namespace banter::contract {
namespace {

struct Implementation {
  std::string name;
  std::function<std::shared_ptr<chat::Relay>()> make;
};

std::shared_ptr<chat::Relay> redis() {
  const auto node = std::make_shared<RedisNode>(shared_redis().url(), fresh_epoch());
  node->await_up();
  return {node, &node->relay()};
}

class RelayContract : public testing::TestWithParam<Implementation> {
 protected:
  std::shared_ptr<chat::Relay> relay_ = GetParam().make();
};
INSTANTIATE_TEST_SUITE_P(
    Relays, RelayContract,
    testing::Values(Implementation{"in_process",
                                   [] { return std::make_shared<relay::InProcessRelay>(); }},
                    Implementation{"redis", redis}),
    [](const auto& info) { return info.param.name; });

struct Recorder final : chat::RelayListener, chat::NoticeListener {
  void on_relayed(std::vector<chat::Event> relayed) override {
    for (auto& event : relayed) events.push_back(std::move(event));
  }
  void on_interrupted() override {}
  void on_notice(const chat::Notice& notice) override {
    notices.push_back(notice);
    thread = std::this_thread::get_id();
  }
  std::vector<chat::Event> events;
  std::vector<chat::Notice> notices;
  std::thread::id thread;
};

chat::Notice removal(std::int64_t user) {
  return {.kind = chat::Notice::Kind::member_removed,
          .user = UserId{user},
          .conversation = ConversationId{7}};
}

TEST_P(RelayContract, EveryListenerHearsEveryNoticeInOrderOnItsReactor) {
  boost::asio::io_context one(1);
  boost::asio::io_context two(1);
  Recorder first;
  Recorder second;
  relay_->listen(one.get_executor(), first);
  relay_->listen(two.get_executor(), second);
  for (int i = 1; i <= 3; ++i) relay_->notify(removal(i));
  EXPECT_TRUE(first.notices.empty()) << "never inside notify()";
  one.run();
  std::thread other([&two] { two.run(); });
  const auto other_id = other.get_id();
  other.join();
  for (const Recorder* each : {&first, &second}) {
    ASSERT_EQ(each->notices.size(), 3u);
    for (int i = 0; i < 3; ++i) {
      const auto& notice = each->notices[static_cast<std::size_t>(i)];
      EXPECT_EQ(notice.kind, chat::Notice::Kind::member_removed);
      EXPECT_EQ(notice.user, UserId{i + 1});
      EXPECT_EQ(notice.conversation, ConversationId{7});
    }
  }
  EXPECT_EQ(first.thread, std::this_thread::get_id());
  EXPECT_EQ(second.thread, other_id);
}

TEST_P(RelayContract, NoticesFromManyThreadsAllArrive) {
  boost::asio::io_context context(1);
  Recorder recorder;
  relay_->listen(context.get_executor(), recorder);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int n = 0; n < 100; ++n) relay_->notify(removal(i * 100 + n));
    });
  }
  for (auto& thread : threads) thread.join();
  context.run();
  EXPECT_EQ(recorder.notices.size(), 800u);
}

TEST_P(RelayContract, OwnEventsDoNotComeBack) {
  boost::asio::io_context context(1);
  Recorder recorder;
  relay_->listen(context.get_executor(), recorder);
  await(relay_->subscribe(ConversationId{7}, context.get_executor(), recorder));
  const std::vector<chat::Event> events{{.conversation = ConversationId{7},
                                         .seq = Seq{1},
                                         .author = UserId{1},
                                         .kind = chat::EventKind::message,
                                         .payload = "hello",
                                         .client_id = {},
                                         .at = Micros{1}}};
  relay_->publish(events);
  relay_->unsubscribe(ConversationId{7});
  context.run();
  EXPECT_TRUE(recorder.events.empty());
}

TEST_P(RelayContract, NotifyingNobodyIsNoError) {
  relay_->notify(removal(1));
  Recorder late;
  boost::asio::io_context context(1);
  relay_->listen(context.get_executor(), late);
  context.run();
  EXPECT_TRUE(late.notices.empty());
}

}  // namespace
}  // namespace banter::contract
