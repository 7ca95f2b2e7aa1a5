// Throttle: how often somebody may do something. A sliding log for requests (contract, section 4)
// and a fixed window for messages on the socket (section 5). The port is what a shared
// implementation (several nodes) has to keep too; InProcessThrottle is the one of a single process:
// exact, atomic, bounded, safe from any reactor.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"

namespace banter::chat {

// count per window; count 0: no limit.
struct Rate {
  std::size_t count = 0;
  std::chrono::seconds window{60};
};

// One limit that applies to a request: "<scope>", who, how much.
struct Quota {
  std::string_view scope;  // a constant: metrics are labelled with it
  std::string identity;    // user number or address
  Rate rate;
};

struct Verdict {
  bool admitted = true;
  std::chrono::seconds retry_after{0};  // at least 1 when refused, rounded up
};

class Throttle {
 public:
  virtual ~Throttle() = default;
  // Checks all quotas; those that allow count the request even if another refuses; the longest wait
  // is the answer. Atomic: of many at once exactly `count` are admitted.
  [[nodiscard]] virtual Task<Verdict> admit(std::vector<Quota> quotas, SteadyTime now) = 0;
  // Without counting: would it be refused? (Failed logins are counted when they fail.)
  [[nodiscard]] virtual Task<Verdict> peek(std::vector<Quota> quotas, SteadyTime now) = 0;
  // One message of a user in a conversation, over all his sockets: a fixed window from the first.
  // The answer comes through `done`, on `reactor`, which is the caller's: at once or later, in the
  // order of the calls of one (user, conversation).
  virtual void admit_message(Executor reactor, UserId user, ConversationId conversation, Rate rate,
                             SteadyTime now, std::move_only_function<void(Verdict)> done) = 0;
};

// Identities are kept while their log holds something, at most 100,000 per scope; past that the
// oldest are forgotten (which favours the requester: memory is bounded, nobody is locked out).
class InProcessThrottle final : public Throttle {
 public:
  explicit InProcessThrottle(base::Metrics& metrics);
  ~InProcessThrottle() override;
  [[nodiscard]] Task<Verdict> admit(std::vector<Quota> quotas, SteadyTime now) override;
  [[nodiscard]] Task<Verdict> peek(std::vector<Quota> quotas, SteadyTime now) override;
  void admit_message(Executor reactor, UserId user, ConversationId conversation, Rate rate,
                     SteadyTime now, std::move_only_function<void(Verdict)> done) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace banter::chat
