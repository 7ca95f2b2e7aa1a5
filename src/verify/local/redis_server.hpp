// RedisServer: a real Redis of this process's own, on a port of its own, without persistence: it
// forgets everything when it ends. Owned by one thread. Throws Unavailable if Redis is not
// installed or does not start.
#pragma once

#include <string>
#include <vector>

#include "verify/local/child_process.hpp"

namespace banter::verify {

class RedisServer {
 public:
  // settings: such as "--cluster-enabled yes", word by word.
  explicit RedisServer(std::vector<std::string> settings = {});
  void start();  // again, empty
  [[nodiscard]] ChildProcess& process() { return process_; }
  [[nodiscard]] const ChildProcess& process() const { return process_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const;
  // What redis-cli prints.
  std::string command(std::vector<std::string> words) const;

 private:
  std::vector<std::string> settings_;
  ChildProcess process_;
  int port_;
};

}  // namespace banter::verify
