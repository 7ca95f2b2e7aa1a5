// RedisServices: what this node has of Redis: the relay and the throttle, over one client on a
// thread of their own. Owned by app, and outlived by the reactors that use it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <thread>

#include "base/metrics.hpp"
#include "relay/redis/redis_client.hpp"
#include "relay/redis/redis_relay.hpp"
#include "relay/redis/redis_throttle.hpp"
#include "relay/redis/redis_url.hpp"

namespace banter::relay {

class RedisServices {
 public:
  // Called on the relay's thread with what Redis says to the login, if it never lets this node in.
  using Denied = std::function<void(const std::string& why)>;

  // Connects in the background; while there is no connection, everything works without.
  RedisServices(RedisUrl url, base::Metrics& metrics, Denied denied);
  ~RedisServices();
  RedisServices(const RedisServices&) = delete;
  RedisServices& operator=(const RedisServices&) = delete;

  [[nodiscard]] RedisRelay& relay() { return relay_; }
  [[nodiscard]] RedisThrottle& throttle() { return throttle_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_;
  prometheus::Gauge& up_;
  RedisRelay relay_;
  RedisThrottle throttle_;
  RedisClient client_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace banter::relay
