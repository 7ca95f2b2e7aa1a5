// A relay that remembers what a test gives it, and what readers gave it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chat/ports.hpp"

namespace banter::chat {

class RememberingRelay final : public Relay {
 public:
  std::vector<Event> events;
  std::vector<Event> refilled;
  std::size_t asked = 0;
  std::function<void()> before_remembering;

  void set_epoch(std::string) override {}
  void listen(Executor, NoticeListener&) override {}
  Task<> subscribe(ConversationId, Executor, RelayListener&) override { co_return; }
  void unsubscribe(ConversationId) override {}
  void publish(std::span<const Event>) override {}
  void notify(const Notice&) override {}
  [[nodiscard]] bool remembers() const override { return true; }
  Task<std::vector<Event>> recent(ConversationId) override {
    ++asked;
    co_return events;
  }
  void remember(std::vector<Event> newest) override {
    if (before_remembering) std::exchange(before_remembering, {})();
    refilled = newest;
    events = std::move(newest);
  }
};

}  // namespace banter::chat
