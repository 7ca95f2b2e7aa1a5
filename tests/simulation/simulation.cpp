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
#include "simulation/judge.hpp"
#include "simulation/model_client.hpp"
#include "simulation/virtual_time.hpp"

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
const std::vector everybody{UserId{1}, UserId{2}, UserId{3}, UserId{4}};  // members of each
constexpr UserId stranger{5};
constexpr auto told_max = 1500ms;  // a change, to every node; ports.hpp allows 2 s

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Conditions& conditions)
      : weather_(seed, conditions), open_(boost::asio::make_work_guard(context_)) {
    const std::vector<std::string_view> names{"node1", "node2", "node3"};
    journal_.write(verify::Run{
        .seed = static_cast<std::int64_t>(seed), .nodes = names, .options = "simulation"});
    for (std::size_t i = 0; i < nodes_count; ++i) start(i);
    make_people();
  }

  Outcome run() {
    boost::asio::co_spawn(context_, act(), [this](std::exception_ptr problem) {
      problem_ = std::move(problem);
      done_ = true;
    });
    const auto begun = steady_now();
    while (!done_ && broken_.empty()) {
      if (!turn()) pass_time();
      judge(begun);
      if (steady_now() > begun + stuck_after) throw std::runtime_error("it is stuck");
    }
    if (problem_) std::rethrow_exception(problem_);
    if (broken_.empty()) broken_ = judge_.finish().value_or("");
    for (auto& node : nodes_) kill(node);
    const auto ended = steady_now();
    while (!dying_.empty()) {
      if (!turn_dying()) pass_time();
      if (steady_now() > ended + stuck_after) throw std::runtime_error("a node does not end");
    }
    return {.broken = std::move(broken_), .history = history_.str()};
  }

 private:
  // Everybody does what can be done now. The seed decides who is first.
  bool turn() {
    bool worked = context_.poll() > 0;
    const auto first = weather_.pick(nodes_count);
    for (std::size_t i = 0; i < nodes_count; ++i) {
      const auto& node = nodes_[(first + i) % nodes_count];
      if (node) worked = node->turn() || worked;
    }
    return turn_dying() || worked;
  }

  bool turn_dying() {
    bool worked = false;
    for (auto& node : dying_) worked = node->turn() || worked;
    std::erase_if(dying_, [](const auto& node) { return node->context().stopped(); });
    return worked;
  }

  void judge(SteadyTime begun) {
    ++steps_;
    journal_.flush();
    const auto wrong = judge_.look(history_.view());
    if (!wrong) return;
    const std::chrono::duration<double> time = steady_now() - begun;
    broken_ = fmt::format("after step {}, at {:.3f} s: {}\n", steps_, time.count(), *wrong);
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
    for (std::int64_t user = 1; user <= stranger.value; ++user) {
      journal_.write(verify::UserMade{.user = UserId{user}});
      boost::asio::co_spawn(context_, make_account(user), boost::asio::detached);
    }
    for (const auto conversation : conversations) {
      store_.logs[conversation].members = {everybody.begin(), everybody.end()};
      journal_.write(verify::ConversationMade{.conversation = conversation, .members = everybody});
      for (const auto user : everybody) add(user, conversation, {.writes = user.value <= 2});
      add(everybody[0], conversation, {});
      add(everybody[3], conversation, {.resumes = false});
      add(stranger, conversation, {.spies = true});
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
    boost::asio::co_spawn(context_, shuffle_people(end), boost::asio::detached);
    while (steady_now() < end) {
      co_await sleep(weather_.around(500ms));
      co_await misfortune();
    }
    while (out_ > 0) co_await sleep(20ms);
    const auto victim = weather_.pick(nodes_count);
    kill(nodes_[victim]);
    start(victim);
    co_await sleep(weather_.around(200ms));
    // One conversation rests from here on: nothing follows what its readers have missed, such as
    // those who are just coming back.
    for (auto& client : clients_) {
      if (client->conversation() == conversations.back()) client->rest();
    }
    co_await sleep(weather_.around(200ms));
    weather_.fair = true;
    journal_.write(verify::FaultEnded{.fault = weather});
    co_await put_out_and_back(conversations.front());
    co_await sleep(calm);
    co_await settle();
    for (auto& node : nodes_) co_await read_everything(*node);
    journal_.write(verify::End{});
  }

  Task<> misfortune() {
    switch (weather_.pick(6)) {
      case 0: {
        const auto victim = weather_.pick(nodes_count);
        kill(nodes_[victim]);
        if (weather_.defect == Defect::commits_not_flushed) lose_the_tail();
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
        if (!weather_.relay_loses) break;
        weather_.relay_away = true;
        co_await sleep(weather_.around(500ms));
        weather_.relay_away = false;
        bus_.come_back();
        break;
      case 3:
        bus_.flush();
        break;
      case 4:
        if (auto* node = some_node()) {
          const std::chrono::hours wrong{weather_.chance(0.5) ? 2 : -2};  // tokens are for one
          const auto name = node->name();
          node->set_clock_off_by(wrong);
          co_await sleep(weather_.around(500ms));
          for (auto& each : nodes_) {
            if (each && each->name() == name) each->set_clock_off_by(0s);
          }
        }
        break;
      default:
        bus_.come_back();
    }
  }

  // ---- members and accounts

  Task<> shuffle_people(SteadyTime end) {
    while (steady_now() < end) {
      co_await sleep(weather_.around(700ms));
      ++out_;
      const bool of_a_room = weather_.chance(0.7);
      const auto room = conversations[weather_.pick(conversations.size())];
      co_await put_out_and_back(of_a_room ? room : ConversationId{});
      --out_;
    }
  }

  // Of a conversation, or of all with his account.
  Task<> put_out_and_back(ConversationId room) {
    using verify::ChangeKind;
    const auto user = everybody[weather_.pick(everybody.size())];
    const bool of_a_room = room != ConversationId{};
    co_await change(of_a_room ? ChangeKind::remove : ChangeKind::deactivate, user, room);
    co_await sleep(weather_.around(700ms));
    co_await change(of_a_room ? ChangeKind::add : ChangeKind::activate, user, room);
  }

  Task<> change(verify::ChangeKind kind, UserId user, ConversationId conversation) {
    using Kind = chat::Notice::Kind;
    const auto call = journal_.next_call();
    journal_.write(verify::ChangeBegun{
        .call = call, .what = kind, .user = user, .conversation = conversation});
    do {
      co_await sleep(weather_.latency());
    } while (weather_.store_away);
    const bool in = kind == verify::ChangeKind::add || kind == verify::ChangeKind::activate;
    chat::Notice notice{.kind = Kind::account_changed, .user = user, .conversation = conversation};
    if (conversation == ConversationId{}) {
      static_cast<void>(co_await surroundings_.accounts.set_active(user, in));
    } else {
      auto& members = store_.logs.at(conversation).members;
      in ? static_cast<void>(members.insert(user)) : static_cast<void>(members.erase(user));
      notice.kind = in ? Kind::member_added : Kind::member_removed;
    }
    for (auto& node : nodes_) {
      if (!node) continue;
      node->tell(notice, std::min<std::chrono::microseconds>(weather_.around(300ms), told_max));
      if (weather_.mishap(0.1)) node->tell(notice, told_max);
    }
    co_await sleep(weather_.latency());
    journal_.write(verify::ChangeEnded{.call = call, .done = true});
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
    for (auto& client : clients_) client->rest();
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
  Judge judge_{store_};
  std::string broken_;
  std::size_t steps_ = 0;
  int out_ = 0;  // people who are to come back
  verify::Journal journal_{history_};
  std::array<std::unique_ptr<ModelNode>, nodes_count> nodes_;
  std::vector<std::unique_ptr<ModelNode>> dying_;
  std::vector<std::unique_ptr<ModelClient>> clients_;
  std::exception_ptr problem_;
  bool done_ = false;
};

}  // namespace

Outcome simulate(std::uint64_t seed, const Conditions& conditions) {
  begin();
  return Simulation(seed, conditions).run();
}

}  // namespace banter::simulation
