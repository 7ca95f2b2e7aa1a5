#include "verify/local/redis_server.hpp"

#include <utility>

#include "base/unavailable.hpp"

namespace banter::verify {

RedisServer::RedisServer(std::vector<std::string> settings)
    : settings_(std::move(settings)), process_("redis"), port_(free_port()) {
  start();
}

void RedisServer::start() {
  std::vector<std::string> words{"redis-server",
                                 "--port",
                                 std::to_string(port_),
                                 "--bind",
                                 "127.0.0.1",
                                 "--save",
                                 "",
                                 "--appendonly",
                                 "no",
                                 "--dir",
                                 process_.directory().string()};
  words.insert(words.end(), settings_.begin(), settings_.end());
  process_.spawn({.words = words});
  try {
    process_.wait_until(
        [this] {
          try {
            return command({"PING"}) == "PONG\n";
          } catch (const Unavailable&) {
            return false;
          }
        },
        "Redis answers");
  } catch (const Unavailable& failure) {
    throw Unavailable(std::string(failure.what()) +
                      "\nIf it is not installed: apt-get install redis-server redis-tools");
  }
}

std::string RedisServer::url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

std::string RedisServer::command(std::vector<std::string> words) const {
  words.insert(words.begin(), {"redis-cli", "-p", std::to_string(port_)});
  return run({.words = words});
}

}  // namespace banter::verify
