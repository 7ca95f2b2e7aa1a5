// RedisReader: asks a Redis one question after another and waits for each answer: for commands, not
// for serving. Any URL that serving takes. Owned by one command; one thread. Throws Unavailable.
#pragma once

#include <boost/asio/io_context.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/metrics.hpp"
#include "relay/redis/redis_client.hpp"
#include "relay/redis/resp.hpp"

namespace banter::relay {

class RedisReader {
 public:
  // Waits at most 5 s for a server that answers and lets us in.
  explicit RedisReader(RedisUrl url);
  ~RedisReader();
  RedisReader(const RedisReader&) = delete;
  RedisReader& operator=(const RedisReader&) = delete;

  // Of a cluster, the master that has `key`. An error of Redis throws, too. Waits at most 10 s.
  [[nodiscard]] RespValue ask(std::string_view key, std::initializer_list<std::string_view> words);

 private:
  void run_until(const bool& done, std::chrono::milliseconds limit);

  boost::asio::io_context context_;
  base::Metrics metrics_;
  bool up_ = false;
  std::string failure_;
  RedisClient client_;
};

}  // namespace banter::relay
