// What a session needs only until it is live; private to ws/session.
#pragma once

#include <utility>

#include "base/task.hpp"
#include "http/upgrade.hpp"
#include "ws/session.hpp"

namespace banter::ws {

struct Session::Joining {
  Joining(Executor executor, http::UpgradeRequest upgrade)
      : request(std::move(upgrade)), drained(executor, SteadyTime::max()) {}
  http::UpgradeRequest request;
  Timer drained;  // cancelled when the outbox is empty, or the socket closed
};

}  // namespace banter::ws
