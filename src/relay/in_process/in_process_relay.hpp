// The relay of a single process: there are no other nodes to hear from or to tell, so only notices
// travel, each to every listener on that listener's reactor. Owned by app; any thread.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "chat/ports.hpp"

namespace banter::relay {

class InProcessRelay final : public chat::Relay {
 public:
  void set_epoch(std::string) override {}
  void listen(Executor reactor, chat::NoticeListener& listener) override;
  [[nodiscard]] Task<> subscribe(ConversationId, Executor, chat::RelayListener&) override {
    co_return;
  }
  void unsubscribe(ConversationId) override {}
  void publish(std::span<const chat::Event>) override {}
  // A listener hears the notices of one thread in their order.
  void notify(const chat::Notice& notice) override;
  [[nodiscard]] bool remembers() const override { return false; }
  [[nodiscard]] Task<std::vector<chat::Event>> recent(ConversationId) override {
    co_return std::vector<chat::Event>{};
  }
  void remember(std::vector<chat::Event>) override {}

 private:
  struct Listening {
    Executor reactor;
    chat::NoticeListener* listener;
  };
  std::mutex mutex_;
  std::vector<Listening> listeners_;
};

}  // namespace banter::relay
