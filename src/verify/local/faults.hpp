// Faults: what can happen to a deployment on this machine. Pure but for the actions, which are done
// on the deployment's thread.
#pragma once

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "verify/history/message.hpp"
#include "verify/local/local_deployment.hpp"

namespace banter::verify {

struct Fault {
  std::string what;
  std::string target{};                // a node by its name, or a part of the deployment
  std::chrono::milliseconds lasts{0};  // from the end of begin() to mend()
  std::function<void()> begin = [] {};
  std::function<void()> mend = [] {};
  std::function<void()> again{};  // meanwhile, five times a second
  bool outage = false;            // no node can reach the store meanwhile

  // Such as "postgres: killed"; nodes are all called so.
  [[nodiscard]] std::string name() const {
    return (target.starts_with("node") ? "node" : target) + ": " + what;
  }
};

// One of each kind, its details chosen by `random`. conversations: those that are in use.
// long_freezes: so that clients and nodes give up on each other (40 s).
[[nodiscard]] std::vector<Fault> all_faults(LocalDeployment& deployment,
                                            const std::vector<ConversationId>& conversations,
                                            bool long_freezes, std::mt19937_64& random);

}  // namespace banter::verify
