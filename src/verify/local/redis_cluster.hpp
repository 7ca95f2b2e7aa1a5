// RedisCluster: three masters and three replicas. Owned by one thread. Throws Unavailable if it
// does not come about.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "verify/local/redis_server.hpp"

namespace banter::verify {

class RedisCluster {
 public:
  RedisCluster();
  [[nodiscard]] std::string url() const;  // names two of the six
  [[nodiscard]] RedisServer& server(std::size_t number) { return *servers_.at(number); }
  [[nodiscard]] std::size_t size() const { return servers_.size(); }
  // Whether all that run think so.
  [[nodiscard]] bool whole();
  // The numbers of those that are masters, or replicas.
  [[nodiscard]] std::vector<std::size_t> with_role(const std::string& role);
  // Moves a slot, with its keys, from the master that has it to another one.
  void move_slot(int slot);

 private:
  std::vector<std::unique_ptr<RedisServer>> servers_;
};

}  // namespace banter::verify
