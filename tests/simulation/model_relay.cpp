#include "simulation/model_relay.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "chat/limits.hpp"

namespace banter::simulation {

using namespace std::chrono_literals;

namespace {

constexpr auto late = 300ms;  // a subscription, of a server that reads first

}  // namespace

void Bus::carry(const NodeRelay* from, std::span<const chat::Event> events) {
  if (weather_.relay_away) return;
  for (const auto& event : events) {
    for (auto* node : nodes_) {
      if (node == from || weather_.loss(0.1)) continue;
      node->hear(event);
      if (weather_.mishap(0.05)) node->hear(event);
    }
  }
  remember(events);
}

void Bus::remember(std::span<const chat::Event> events) {
  if (weather_.relay_away) return;
  for (const auto& event : events) {
    if (weather_.mishap(0.1)) continue;
    auto& window = windows_[event.conversation];
    window.emplace(event.seq, event);
    if (window.size() > chat::window_events_max) window.erase(window.begin());
  }
}

std::vector<chat::Event> Bus::recent(ConversationId conversation) {
  std::vector<chat::Event> events;
  if (weather_.relay_away || weather_.mishap(0.05)) return events;
  for (const auto& [seq, event] : windows_[conversation]) events.push_back(event);
  return events;
}

void Bus::come_back() {
  for (auto* node : nodes_) node->interrupt();
}

void NodeRelay::hear(const chat::Event& event) {
  const auto found = subscriptions_.find(event.conversation);
  if (found == subscriptions_.end()) return;
  boost::asio::co_spawn(found->second.reactor, bring(event), boost::asio::detached);
}

Task<> NodeRelay::bring(chat::Event event) {
  co_await sleep(bus_.weather().latency());
  const auto found = subscriptions_.find(event.conversation);
  if (found != subscriptions_.end()) found->second.listener->on_relayed({std::move(event)});
}

void NodeRelay::interrupt() {
  for (const auto& [conversation, subscription] : subscriptions_) {
    boost::asio::post(subscription.reactor,
                      [listener = subscription.listener] { listener->on_interrupted(); });
  }
}

// As a relay that is away: subscribed all the same, for when it is back.
Task<> NodeRelay::subscribe(ConversationId conversation, Executor reactor,
                            chat::RelayListener& listener) {
  if (bus_.weather().defect == Defect::no_subscribe_before_head) {
    boost::asio::co_spawn(reactor, subscribe_late(conversation, reactor, listener),
                          boost::asio::detached);
    co_return;
  }
  co_await sleep(bus_.weather().latency());
  enter(conversation, reactor, listener);
}

Task<> NodeRelay::subscribe_late(ConversationId conversation, Executor reactor,
                                 chat::RelayListener& listener) {
  co_await sleep(late);
  enter(conversation, reactor, listener);
}

void NodeRelay::enter(ConversationId conversation, Executor reactor,
                      chat::RelayListener& listener) {
  subscriptions_.insert_or_assign(conversation,
                                  Subscription{.reactor = reactor, .listener = &listener});
}

Task<std::vector<chat::Event>> NodeRelay::recent(ConversationId conversation) {
  co_await sleep(bus_.weather().latency());
  co_return bus_.recent(conversation);
}

}  // namespace banter::simulation
