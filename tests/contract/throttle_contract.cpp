// Throttle: what every implementation does, whoever's clock it goes by. Windows that tests wait for
// are short; that of a single process is tested with a clock of its own in unit_chat.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chat/throttle.hpp"
#include "contract/reactors.hpp"
#include "contract/redis_node.hpp"

namespace banter::contract {
namespace {

using namespace std::chrono_literals;
using chat::Quota;
using chat::Verdict;

struct Implementation {
  std::string name;
  std::function<std::shared_ptr<chat::Throttle>()> make;
};

struct OneProcess {
  base::Metrics metrics;
  chat::InProcessThrottle throttle{metrics};
};
std::shared_ptr<chat::Throttle> in_process() {
  const auto process = std::make_shared<OneProcess>();
  return {process, &process->throttle};
}
std::shared_ptr<chat::Throttle> redis_of(const std::string& epoch) {
  const auto node = std::make_shared<RedisNode>(shared_redis().url(), epoch);
  node->await_up();
  return {node, &node->throttle()};
}
std::shared_ptr<chat::Throttle> redis() { return redis_of(fresh_epoch()); }
// Redis away: the node counts alone, and nothing changes for who asks.
std::shared_ptr<chat::Throttle> without_redis() {
  const auto url = "redis://127.0.0.1:" + std::to_string(verify::free_port());
  const auto node = std::make_shared<RedisNode>(url, fresh_epoch());
  return {node, &node->throttle()};
}

Quota quota(std::string scope_of_constant, std::string identity, std::size_t count,
            std::chrono::seconds window = 60s) {
  static const std::string scopes[] = {"narrow", "wide", "other"};
  for (const auto& scope : scopes) {
    if (scope == scope_of_constant) {
      return {.scope = scope, .identity = std::move(identity), .rate = {count, window}};
    }
  }
  throw std::logic_error("no such scope");
}

Verdict admit(chat::Throttle& throttle, std::vector<Quota> quotas) {
  return await(throttle.admit(std::move(quotas), steady_now()));
}

class ThrottleContract : public testing::TestWithParam<Implementation> {
 protected:
  Verdict admit(std::vector<Quota> quotas) { return contract::admit(*throttle_, quotas); }
  // So many messages at once; which of them are admitted, in the order of the answers.
  std::vector<Verdict> send(int count, UserId user, ConversationId conversation, chat::Rate rate) {
    boost::asio::io_context context(1);
    const auto open = boost::asio::make_work_guard(context);
    std::vector<Verdict> verdicts;
    for (int i = 0; i < count; ++i) {
      throttle_->admit_message(context.get_executor(), user, conversation, rate, steady_now(),
                               [&](Verdict verdict) { verdicts.push_back(verdict); });
    }
    while (verdicts.size() < static_cast<std::size_t>(count)) context.run_one();
    return verdicts;
  }
  std::shared_ptr<chat::Throttle> throttle_ = GetParam().make();
};
INSTANTIATE_TEST_SUITE_P(Throttles, ThrottleContract,
                         testing::Values(Implementation{"in_process", in_process},
                                         Implementation{"redis", redis},
                                         Implementation{"redis_away", without_redis}),
                         [](const auto& info) { return info.param.name; });

TEST_P(ThrottleContract, AdmitsTheCountAndTellsTheWait) {
  EXPECT_TRUE(admit({quota("narrow", "a", 2)}).admitted);
  EXPECT_TRUE(admit({quota("narrow", "a", 2)}).admitted);
  const auto refused = admit({quota("narrow", "a", 2)});
  EXPECT_FALSE(refused.admitted);
  EXPECT_GT(refused.retry_after, 0s);
  EXPECT_LE(refused.retry_after, 60s);
}

TEST_P(ThrottleContract, RefusedOnesDoNotCount) {
  EXPECT_TRUE(admit({quota("narrow", "a", 1, 1s)}).admitted);
  int refused = 0;
  while (!admit({quota("narrow", "a", 1, 1s)}).admitted) ++refused;  // for ever, if they did
  EXPECT_GT(refused, 0);
}

TEST_P(ThrottleContract, KeepsIdentitiesAndScopesApart) {
  EXPECT_TRUE(admit({quota("narrow", "a", 1)}).admitted);
  EXPECT_TRUE(admit({quota("narrow", "b", 1)}).admitted);
  EXPECT_TRUE(admit({quota("other", "a", 1)}).admitted);
  EXPECT_FALSE(admit({quota("narrow", "a", 1)}).admitted);
}

TEST_P(ThrottleContract, CountsInEveryQuotaThatAllows) {
  const auto narrow = quota("narrow", "a", 1);
  const auto wide = quota("wide", "a", 3);
  EXPECT_TRUE(admit({narrow, wide}).admitted);
  EXPECT_FALSE(admit({narrow, wide}).admitted);
  EXPECT_FALSE(admit({wide, narrow}).admitted);
  EXPECT_FALSE(admit({wide}).admitted) << "the two refusals counted in the one that allowed";
}

TEST_P(ThrottleContract, HasNoLimitWhereTheCountIsZero) {
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(admit({quota("narrow", "a", 0)}).admitted);
  EXPECT_TRUE(admit({}).admitted);
  EXPECT_THAT(send(50, UserId{1}, ConversationId{1}, {.count = 0}),
              testing::Each(testing::Field(&Verdict::admitted, true)));
}

TEST_P(ThrottleContract, PeeksWithoutCounting) {
  const auto one = quota("narrow", "a", 1);
  EXPECT_TRUE(await(throttle_->peek({one}, steady_now())).admitted);
  EXPECT_TRUE(await(throttle_->peek({one}, steady_now())).admitted);
  EXPECT_TRUE(admit({one}).admitted);
  EXPECT_FALSE(await(throttle_->peek({one}, steady_now())).admitted);
}

TEST_P(ThrottleContract, AdmitsExactlyTheCountOfManyAtOnce) {
  constexpr std::size_t count = 100;
  std::atomic<std::size_t> admitted = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        if (admit({quota("narrow", "a", count, 600s)}).admitted) ++admitted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(admitted, count);
}

TEST_P(ThrottleContract, AdmitsTheFirstMessagesOfAWindow) {
  const auto verdicts = send(8, UserId{1}, ConversationId{7}, {.count = 5, .window = 60s});
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i].admitted, i < 5) << i;
  }
  EXPECT_GT(verdicts[7].retry_after, 0s);
  EXPECT_LE(verdicts[7].retry_after, 60s);
}

TEST_P(ThrottleContract, LimitsMessagesPerUserAndConversation) {
  const chat::Rate one{.count = 1, .window = 60s};
  EXPECT_TRUE(send(1, UserId{1}, ConversationId{7}, one)[0].admitted);
  EXPECT_FALSE(send(1, UserId{1}, ConversationId{7}, one)[0].admitted);
  EXPECT_TRUE(send(1, UserId{2}, ConversationId{7}, one)[0].admitted);
  EXPECT_TRUE(send(1, UserId{1}, ConversationId{8}, one)[0].admitted);
}

TEST_P(ThrottleContract, AWindowOfMessagesEnds) {
  const chat::Rate rate{.count = 1, .window = 1s};
  EXPECT_TRUE(send(1, UserId{1}, ConversationId{7}, rate)[0].admitted);
  int refused = 0;
  while (!send(1, UserId{1}, ConversationId{7}, rate)[0].admitted) ++refused;
  EXPECT_GT(refused, 0);
}

TEST(SharedThrottle, NodesCountTogether) {
  const auto epoch = fresh_epoch();
  const auto first = redis_of(epoch);
  const auto second = redis_of(epoch);
  EXPECT_TRUE(admit(*first, {quota("narrow", "a", 2)}).admitted);
  EXPECT_TRUE(admit(*second, {quota("narrow", "a", 2)}).admitted);
  EXPECT_FALSE(admit(*first, {quota("narrow", "a", 2)}).admitted);
  EXPECT_FALSE(admit(*second, {quota("narrow", "a", 2)}).admitted);
}

TEST(SharedThrottle, LeavesNothingInRedisForEver) {
  verify::RedisServer server;
  RedisNode node(server.url(), fresh_epoch());
  node.await_up();
  EXPECT_TRUE(admit(node.throttle(), {quota("narrow", "somebody@example.org", 2)}).admitted);
  std::istringstream keys(server.command({"KEYS", "*"}));
  int count = 0;
  for (std::string key; std::getline(keys, key); ++count) {
    EXPECT_GT(std::stol(server.command({"TTL", key})), 0) << key;
    EXPECT_EQ(key.find("somebody"), std::string::npos) << key;
  }
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace banter::contract
