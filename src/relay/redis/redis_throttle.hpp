// RedisThrottle: rates that all nodes count together. What one address or account may do is decided
// by one script on one server, by that server's clock: atomic, in one round trip. Waits 50 ms at
// most, then this node counts alone. Owned by RedisServices; the port from any reactor, the rest on
// the relay's thread.
//
//   request  banter:{t:OWNER}:EPOCH:SCOPE:IDENTITY   list of the times of the last `count` hits, ms
//   message  banter:{t:OWNER}:EPOCH:message          count, for as long as the window lasts
// OWNER and IDENTITY are hashes: no address or e-mail lies in Redis.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "chat/throttle.hpp"
#include "relay/redis/redis_client.hpp"

namespace banter::relay {

class RedisThrottle final : public chat::Throttle {
 public:
  // epoch: as the relay has it. The client is given before anything else runs.
  RedisThrottle(Executor executor, std::function<std::string()> epoch, base::Metrics& metrics);
  void use(RedisClient& client) { client_ = &client; }
  void set_up(bool up) { up_ = up; }
  void stop();

  [[nodiscard]] Task<chat::Verdict> admit(std::vector<chat::Quota> quotas, SteadyTime now) override;
  [[nodiscard]] Task<chat::Verdict> peek(std::vector<chat::Quota> quotas, SteadyTime now) override;
  void admit_message(Executor reactor, UserId user, ConversationId conversation, chat::Rate rate,
                     SteadyTime now, std::move_only_function<void(chat::Verdict)> done) override;

 private:
  // One message that waits for its answer, and for those of the same slot before it.
  struct Message {
    Executor reactor;
    UserId user;
    ConversationId conversation;
    chat::Rate rate;
    std::move_only_function<void(chat::Verdict)> done;
    bool answered = false;
    std::optional<chat::Verdict> verdict;  // none: this node decides
  };
  using Messages = std::deque<std::shared_ptr<Message>>;

  Task<std::optional<chat::Verdict>> ask(const std::vector<chat::Quota>& quotas, bool count);
  void ask_here(std::vector<chat::Quota> quotas, bool count,
                std::move_only_function<void(std::optional<chat::Verdict>)> answered);
  void ask_message(std::shared_ptr<Message> message);
  void finish(Messages& messages);
  void refused(std::string_view scope);

  Executor executor_;
  std::function<std::string()> epoch_;
  RedisClient* client_ = nullptr;
  chat::InProcessThrottle own_;
  std::atomic<bool> up_ = false;
  bool stopping_ = false;
  std::unordered_map<std::uint16_t, Messages> messages_;  // by slot
  base::Metrics& metrics_;
  prometheus::Counter& fallbacks_;
};

}  // namespace banter::relay
