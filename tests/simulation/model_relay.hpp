// Bus: what connects the nodes of a simulation, and remembers windows: loses, delays, repeats and
// reorders. NodeRelay is one node's end of it. Owned by a Simulation.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chat/ports.hpp"
#include "simulation/weather.hpp"

namespace banter::simulation {

class NodeRelay;

class Bus {
 public:
  explicit Bus(Weather& weather) : weather_(weather) {}
  void carry(const NodeRelay* from, std::span<const chat::Event> events);
  void remember(std::span<const chat::Event> events);
  [[nodiscard]] std::vector<chat::Event> recent(ConversationId conversation);
  void flush() { windows_.clear(); }
  void come_back();  // after it was away: everybody may have missed something

  void join(NodeRelay& node) { nodes_.push_back(&node); }
  void leave(NodeRelay& node) { std::erase(nodes_, &node); }
  [[nodiscard]] Weather& weather() { return weather_; }

 private:
  Weather& weather_;
  std::vector<NodeRelay*> nodes_;  // not by address, which the seed does not decide
  std::map<ConversationId, std::map<Seq, chat::Event>> windows_;
};

class NodeRelay final : public chat::Relay {
 public:
  explicit NodeRelay(Bus& bus) : bus_(bus) { bus_.join(*this); }
  ~NodeRelay() override { bus_.leave(*this); }
  void die() { bus_.leave(*this); }
  void hear(const chat::Event& event);
  void interrupt();

  void set_epoch(std::string) override {}
  void listen(Executor, chat::NoticeListener&) override {}
  Task<> subscribe(ConversationId conversation, Executor reactor,
                   chat::RelayListener& listener) override;
  void unsubscribe(ConversationId conversation) override { subscriptions_.erase(conversation); }
  void publish(std::span<const chat::Event> events) override { bus_.carry(this, events); }
  void notify(const chat::Notice&) override {}
  [[nodiscard]] bool remembers() const override { return true; }
  Task<std::vector<chat::Event>> recent(ConversationId conversation) override;
  void remember(std::vector<chat::Event> events) override { bus_.remember(events); }

 private:
  struct Subscription {
    Executor reactor;
    chat::RelayListener* listener;
  };
  [[nodiscard]] Task<> bring(chat::Event event);
  [[nodiscard]] Task<> subscribe_late(ConversationId conversation, Executor reactor,
                                      chat::RelayListener& listener);
  void enter(ConversationId conversation, Executor reactor, chat::RelayListener& listener);

  Bus& bus_;
  std::map<ConversationId, Subscription> subscriptions_;
};

}  // namespace banter::simulation
