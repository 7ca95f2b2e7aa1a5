// RedisNode: what one node has of a real Redis, as a test holds it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "base/metrics.hpp"
#include "relay/redis/redis_services.hpp"
#include "shared_servers.hpp"

namespace banter::contract {

// Keeps tests that share a Redis apart: each key and channel carries its epoch.
inline std::string fresh_epoch() {
  static std::atomic<int> count = 0;
  return "e" + std::to_string(::getpid()) + "x" + std::to_string(++count);
}

class RedisNode {
 public:
  RedisNode(const std::string& url, const std::string& epoch)
      : services_(*relay::parse_redis_url(url), metrics_, [](const std::string&) {}) {
    relay().set_epoch(epoch);
  }
  [[nodiscard]] relay::RedisRelay& relay() { return services_.relay(); }
  [[nodiscard]] relay::RedisThrottle& throttle() { return services_.throttle(); }
  // Whether a line of the metrics begins so.
  [[nodiscard]] bool shows(const std::string& line) {
    return metrics_.text().find("\n" + line) != std::string::npos;
  }
  void await_up() {
    while (!shows("banter_relay_up 1")) std::this_thread::yield();
  }

 private:
  base::Metrics metrics_;
  relay::RedisServices services_;
};

}  // namespace banter::contract
