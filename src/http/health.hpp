// Whether this node can serve: the store's word, remembered for a second so that probes cost it
// nothing, and whether the node is going away. One per reactor, on its thread.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "chat/ports.hpp"

namespace banter::http {

class Health {
 public:
  explicit Health(chat::ConversationStore& store) : store_(store) {}

  // Never throws. While one question is out, others get the last answer.
  [[nodiscard]] Task<bool> store_up(SteadyTime now);

  [[nodiscard]] chat::Durability durability() const { return store_.durability(); }

  void set_draining() { draining_ = true; }
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  chat::ConversationStore& store_;
  std::optional<bool> up_;
  SteadyTime asked_at_{};
  bool draining_ = false;
};

}  // namespace banter::http
