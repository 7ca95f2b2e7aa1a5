#include "chat/throttle.hpp"

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/assert.hpp"

namespace banter::chat {
namespace {

using std::chrono::seconds;

constexpr std::size_t identities_max = 100'000;  // per scope
constexpr std::string_view message_scope = "message";

// At least 1: a client that is told 0 comes back at once.
seconds round_up(SteadyTime::duration wait) {
  return std::max(std::chrono::ceil<seconds>(wait), seconds{1});
}

// What is kept for one identity, oldest hit first. At most rate.count hits.
struct Log {
  std::string identity;
  std::vector<SteadyTime> hits;
  seconds window{};

  [[nodiscard]] bool stale(SteadyTime now) const {
    return hits.empty() || hits.back() + window <= now;
  }
};

// The logs of one scope, the one used longest ago first: stale ones gather at the front.
class Scope {
 public:
  explicit Scope(prometheus::Counter& throttled) : throttled_(throttled) {}

  // How long to wait; nullopt: admitted, and counted if `count`.
  std::optional<SteadyTime::duration> check(const Quota& quota, SteadyTime now, bool count) {
    forget_stale(now);
    const auto found = places_.find(quota.identity);
    if (found == places_.end()) {
      if (count) open(quota).hits.push_back(now);
      return std::nullopt;
    }
    Log& log = *found->second;
    log.hits.erase(log.hits.begin(), std::ranges::find_if(log.hits, [&](SteadyTime hit) {
                     return hit + quota.rate.window > now;
                   }));
    if (log.hits.size() >= quota.rate.count) {
      // With a rate that was lowered since, more than one hit has to leave first.
      const auto leaves = log.hits[log.hits.size() - quota.rate.count];
      throttled_.Increment();
      return leaves + quota.rate.window - now;
    }
    if (count) {
      log.hits.push_back(now);
      log.window = quota.rate.window;
      logs_.splice(logs_.end(), logs_, found->second);
    }
    return std::nullopt;
  }

 private:
  void forget_stale(SteadyTime now) {
    while (!logs_.empty() && logs_.front().stale(now)) forget_oldest();
  }

  void forget_oldest() {
    places_.erase(logs_.front().identity);
    logs_.pop_front();
  }

  Log& open(const Quota& quota) {
    if (logs_.size() >= identities_max) forget_oldest();
    logs_.push_back({.identity = quota.identity, .hits = {}, .window = quota.rate.window});
    places_.emplace(logs_.back().identity, std::prev(logs_.end()));
    return logs_.back();
  }

  prometheus::Counter& throttled_;
  std::list<Log> logs_;
  std::unordered_map<std::string_view, std::list<Log>::iterator> places_;  // names point into logs_
};

// Of one user in one conversation.
struct Window {
  UserId user;
  ConversationId conversation;
  SteadyTime ends_at;
  std::size_t count = 0;
};

class Windows {
 public:
  explicit Windows(prometheus::Counter& throttled) : throttled_(throttled) {}

  Verdict admit(UserId user, ConversationId conversation, Rate rate, SteadyTime now) {
    while (!windows_.empty() && windows_.front().ends_at <= now) forget_oldest();
    const auto found = places_.find({user, conversation});
    if (found == places_.end() || found->second->ends_at <= now) {
      begin(user, conversation, rate, now);
      return {};
    }
    Window& window = *found->second;
    if (++window.count <= rate.count) return {};
    throttled_.Increment();
    return {.admitted = false, .retry_after = round_up(window.ends_at - now)};
  }

 private:
  struct Key {
    UserId user;
    ConversationId conversation;
    friend bool operator==(Key, Key) = default;
  };
  struct KeyHash {
    std::size_t operator()(Key key) const noexcept {
      return std::hash<UserId>{}(key.user) * 31 + std::hash<ConversationId>{}(key.conversation);
    }
  };

  void begin(UserId user, ConversationId conversation, Rate rate, SteadyTime now) {
    const Key key{user, conversation};
    if (const auto old = places_.find(key); old != places_.end()) {
      windows_.erase(old->second);
      places_.erase(old);
    }
    if (windows_.size() >= identities_max) forget_oldest();
    windows_.push_back({user, conversation, now + rate.window, 1});
    places_.emplace(key, std::prev(windows_.end()));
  }

  void forget_oldest() {
    places_.erase({windows_.front().user, windows_.front().conversation});
    windows_.pop_front();
  }

  prometheus::Counter& throttled_;
  std::list<Window> windows_;  // the one begun first in front
  std::unordered_map<Key, std::list<Window>::iterator, KeyHash> places_;
};

}  // namespace

struct InProcessThrottle::State {
  explicit State(base::Metrics& registry) : metrics(registry), windows(counter_of(message_scope)) {}

  prometheus::Counter& counter_of(std::string_view scope) {
    return metrics.counter("banter_chat_throttled_total",
                           "Requests and messages refused by a rate.",
                           {{"scope", std::string(scope)}});
  }

  Scope& scope(std::string_view name) {
    const auto found = scopes.find(name);
    if (found != scopes.end()) return found->second;
    return scopes.emplace(std::string(name), Scope(counter_of(name))).first->second;
  }

  // One lock for all: a check takes some hundred nanoseconds, and atomicity across the quotas of a
  // request comes with it.
  Verdict check(const std::vector<Quota>& quotas, SteadyTime now, bool count) {
    const std::scoped_lock lock(mutex);
    std::optional<SteadyTime::duration> longest;
    for (const auto& quota : quotas) {
      if (quota.rate.count == 0) continue;
      const auto wait = scope(quota.scope).check(quota, now, count);
      if (wait && (!longest || *wait > *longest)) longest = wait;
    }
    if (!longest) return {};
    return {.admitted = false, .retry_after = round_up(*longest)};
  }

  base::Metrics& metrics;
  std::mutex mutex;
  std::map<std::string, Scope, std::less<>> scopes;
  Windows windows;
};

InProcessThrottle::InProcessThrottle(base::Metrics& metrics)
    : state_(std::make_unique<State>(metrics)) {}

InProcessThrottle::~InProcessThrottle() = default;

Task<Verdict> InProcessThrottle::admit(std::vector<Quota> quotas, SteadyTime now) {
  co_return state_->check(quotas, now, true);
}

Task<Verdict> InProcessThrottle::peek(std::vector<Quota> quotas, SteadyTime now) {
  co_return state_->check(quotas, now, false);
}

void InProcessThrottle::admit_message(Executor /*reactor*/, UserId user,
                                      ConversationId conversation, Rate rate, SteadyTime now,
                                      std::move_only_function<void(Verdict)> done) {
  Verdict verdict;
  if (rate.count > 0) {
    const std::scoped_lock lock(state_->mutex);
    verdict = state_->windows.admit(user, conversation, rate, now);
  }
  done(verdict);
}

}  // namespace banter::chat
