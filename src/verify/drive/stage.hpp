// Stage: what everybody who takes part in a run shares: where the nodes are, the journal, the
// seeded choices, and how far each conversation is known to reach. Owned by the run; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "verify/drive/journal.hpp"
#include "verify/drive/node_url.hpp"

namespace banter::verify {

struct Account {
  UserId user;
  std::string email;
  std::string token;
};

struct Room {
  ConversationId conversation;
  std::vector<const Account*> members;
};

struct Stage {
  Executor executor;
  std::vector<NodeUrl> nodes;
  Journal& journal;
  std::mt19937_64 random;
  std::string tag;                        // of this run: in e-mails, texts and client_ids
  std::function<void(Task<>)> spawn;      // what it throws ends the run
  std::map<ConversationId, Seq> heads{};  // the highest seq that anybody has seen

  [[nodiscard]] std::size_t pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  }
  [[nodiscard]] bool chance(double share) { return std::bernoulli_distribution(share)(random); }
  // Exponentially distributed around `mean`, at most five times as long.
  [[nodiscard]] std::chrono::milliseconds around(std::chrono::milliseconds mean) {
    const auto span = static_cast<double>(mean.count());
    const double drawn = std::exponential_distribution<double>(1.0 / span)(random);
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::min(drawn, 5 * span))};
  }
  void saw(ConversationId conversation, Seq seq) {
    auto& head = heads[conversation];
    head = std::max(head, seq);
  }
};

// Returns at `when`, or earlier when the timer is cancelled.
[[nodiscard]] Task<> wait_until(Timer& timer, SteadyTime when);

}  // namespace banter::verify
