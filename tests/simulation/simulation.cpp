#include "simulation/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "base/unavailable.hpp"
#include "simulation/model_client.hpp"
#include "simulation/virtual_time.hpp"
#include "verify/check/checker.hpp"

namespace banter::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes_count = 3;
// Whatever is due within one happens in one go: a seed costs a fifth of what it would else.
using tick = std::chrono::milliseconds;
constexpr auto stormy = 5s;
constexpr auto calm = 2500ms;  // longer than the 2 s that everybody has to be complete within
constexpr auto settle_max = 30s;
constexpr auto stuck_after = 60s;
const std::array conversations{ConversationId{1}, ConversationId{2}};
constexpr std::int64_t members = 4;  // of each

class Simulation {
 public:
  Simulation(std::uint64_t seed, Defect defect)
      : weather_(seed, defect), open_(boost::asio::make_work_guard(context_)) {
    const std::vector<std::string_view> names{"node1", "node2", "node3"};
    journal_.write(verify::Run{
        .seed = static_cast<std::int64_t>(seed), .nodes = names, .options = "simulation"});
    for (std::size_t i = 0; i < nodes_count; ++i) start(i);
    make_people();
  }

  std::string run() {
    boost::asio::co_spawn(context_, act(), [this](std::exception_ptr problem) {
      problem_ = std::move(problem);
      done_ = true;
    });
    const auto begun = steady_now();
    while (!done_) {
      if (!turn()) pass_time();
      if (steady_now() > begun + stuck_after) throw std::runtime_error("it is stuck");
    }
    if (problem_) std::rethrow_exception(problem_);
    for (auto& node : nodes_) kill(node);
    const auto ended = steady_now();
    while (!dying_.empty()) {
      if (!turn()) pass_time();
      if (steady_now() > ended + stuck_after) throw std::runtime_error("a node does not end");
    }
    journal_.flush();
    return history_.str();
  }

 private:
  // Everybody does what can be done now. The seed decides who is first.
  bool turn() {
    bool worked = context_.poll() > 0;
    const auto first = weather_.pick(nodes_count);
    for (std::size_t i = 0; i < nodes_count; ++i) {
      const auto& node = nodes_[(first + i) % nodes_count];
      if (node) worked = node->context().poll() > 0 || worked;
    }
    for (auto& node : dying_) worked = node->context().poll() > 0 || worked;
    std::erase_if(dying_, [](const auto& node) { return node->context().stopped(); });
    return worked;
  }

  static void pass_time() {
    const auto next = std::chrono::ceil<tick>(next_timer().value_or(steady_now()));
    advance(std::max(next, std::chrono::floor<tick>(steady_now()) + tick{1}));
  }

  void start(std::size_t i) {
    nodes_[i] =
        std::make_unique<ModelNode>(fmt::format("node{}", i + 1), store_, bus_, surroundings_);
  }
  void kill(std::unique_ptr<ModelNode>& node) {
    if (!node) return;
    node->die();
    dying_.push_back(std::move(node));
  }
  ModelNode* some_node() {
    auto& node = nodes_[weather_.pick(nodes_count)];
    return node.get();
  }

  void make_people() {
    for (std::int64_t user = 1; user <= members; ++user) {
      journal_.write(verify::UserMade{.user = UserId{user}});
      boost::asio::co_spawn(context_, make_account(user), boost::asio::detached);
    }
    const std::vector<UserId> everybody{UserId{1}, UserId{2}, UserId{3}, UserId{4}};
    for (const auto conversation : conversations) {
      store_.logs[conversation].members = {everybody.begin(), everybody.end()};
      journal_.write(verify::ConversationMade{.conversation = conversation, .members = everybody});
      for (const auto user : everybody) add(user, conversation, {.writes = user.value <= 2});
      add(everybody[0], conversation, {});
      add(everybody[3], conversation, {.resumes = false});
    }
  }
  Task<> make_account(std::int64_t user) {
    static_cast<void>(co_await surroundings_.accounts.create_account(
        {.email = std::to_string(user), .first_name = {}, .last_name = {}, .password_hash = {}}));
  }
  void add(UserId user, ConversationId conversation, Habits habits) {
    clients_.push_back(std::make_unique<ModelClient>(
        context_.get_executor(), journal_, weather_, [this] { return some_node(); }, user,
        conversation, habits));
  }

  Task<> act() {
    for (auto& client : clients_) {
      boost::asio::co_spawn(context_, client->live(), [this](std::exception_ptr problem) {
        if (problem && !problem_) problem_ = problem, done_ = true;
      });
    }
    const auto weather = journal_.next_fault();
    journal_.write(verify::FaultBegun{.fault = weather, .what = "weather", .target = "everything"});
    const auto end = steady_now() + stormy;
    while (steady_now() < end) {
      co_await sleep(weather_.around(500ms));
      co_await misfortune();
    }
    // One conversation rests from here on: nothing follows what its readers have missed.
    for (auto& client : clients_) {
      if (client->conversation() == conversations.back()) client->fall_silent();
    }
    weather_.fair = true;
    journal_.write(verify::FaultEnded{.fault = weather});
    co_await sleep(calm);
    co_await settle();
    for (auto& node : nodes_) co_await read_everything(*node);
    journal_.write(verify::End{});
  }

  Task<> misfortune() {
    switch (weather_.pick(5)) {
      case 0: {
        const auto victim = weather_.pick(nodes_count);
        kill(nodes_[victim]);
        if (weather_.defect == Defect::loses_the_tail) lose_the_tail();
        co_await sleep(weather_.around(300ms));
        start(victim);
        break;
      }
      case 1:
        weather_.store_away = true;
        journal_.write(verify::OutageBegun{});
        co_await sleep(weather_.around(500ms));
        journal_.write(verify::OutageEnded{});
        weather_.store_away = false;
        break;
      case 2:
        weather_.relay_away = true;
        co_await sleep(weather_.around(500ms));
        weather_.relay_away = false;
        bus_.come_back();
        break;
      case 3:
        bus_.flush();
        break;
      default:
        bus_.come_back();
    }
  }

  void lose_the_tail() {
    Log& log = store_.logs.at(conversations[weather_.pick(conversations.size())]);
    for (int lost = 0; lost < 3 && !log.events.empty(); ++lost) {
      std::erase_if(log.by_client_id,
                    [&](const auto& item) { return item.second == log.events.back().seq; });
      log.events.pop_back();
      --log.numbered;
    }
  }

  Task<> settle() {
    for (auto& client : clients_) client->fall_silent();
    const auto deadline = steady_now() + settle_max;
    const auto settled = [this](const auto& client) {
      return std::ranges::all_of(conversations, [&](ConversationId conversation) {
        return client->conversation() != conversation ||
               client->settled(store_.logs.at(conversation).head());
      });
    };
    while (steady_now() < deadline && !std::ranges::all_of(clients_, settled)) {
      co_await sleep(20ms);
    }
    for (auto& client : clients_) client->leave();
    while (!std::ranges::all_of(clients_, [](const auto& client) { return client->gone(); })) {
      co_await sleep(20ms);
    }
  }

  Task<> read_everything(ModelNode& node) {
    for (const auto conversation : conversations) {
      const auto stretch = co_await boost::asio::co_spawn(
          node.context(), node.logs().read(conversation, {.count = 100'000}), use_task);
      std::vector<verify::Message> messages;
      for (const auto& event : stretch.events) {
        messages.push_back({.seq = event.seq,
                            .user = event.author,
                            .ts = event.at.unix_seconds(),
                            .body = verify::Body::of(event.payload)});
      }
      journal_.write(verify::FinalPage{.conversation = conversation,
                                       .node = node.name(),
                                       .epoch = "simulation",
                                       .head = stretch.head,
                                       .messages = messages,
                                       .more = false});
    }
  }

  Weather weather_;
  Surroundings surroundings_;
  ModelStore store_;
  Bus bus_{weather_};
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> open_;
  std::ostringstream history_;
  verify::Journal journal_{history_};
  std::array<std::unique_ptr<ModelNode>, nodes_count> nodes_;
  std::vector<std::unique_ptr<ModelNode>> dying_;
  std::vector<std::unique_ptr<ModelClient>> clients_;
  std::exception_ptr problem_;
  bool done_ = false;
};

}  // namespace

Outcome simulate(std::uint64_t seed, Defect defect) {
  begin();
  auto history = Simulation(seed, defect).run();
  std::istringstream written(history);
  auto verdict = verify::check(written, {});
  if (!verdict) {
    throw std::runtime_error(
        fmt::format("line {} of the history: {}", verdict.error().line, verdict.error().why));
  }
  return {.verdict = *std::move(verdict), .history = std::move(history)};
}

}  // namespace banter::simulation
