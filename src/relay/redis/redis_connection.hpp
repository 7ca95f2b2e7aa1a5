// RedisConnection: one connection to one Redis server, on the relay's thread. Connects, logs in,
// pipelines, hands out pushes, and connects again whenever it is lost or silent for too long. Owned
// by RedisClient. Knows nothing of clusters.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "relay/redis/redis_url.hpp"
#include "relay/redis/resp.hpp"

namespace banter::relay {

// What all connections of a client have in common.
struct RedisLogin {
  std::string user;
  std::string password;
  int database = 0;
  std::string name;                          // CLIENT SETNAME, for operators
  boost::asio::ssl::context* tls = nullptr;  // nullptr: plain
};

// Replies in order; fewer than expected: the connection was lost.
using RedisReplies = std::vector<RespValue>;
using RedisDone = std::move_only_function<void(RedisReplies)>;

class RedisConnection {
 public:
  struct Events {
    // Whom to connect to this time; nullopt: nobody knows, try again later.
    std::function<Task<std::optional<RedisAddress>>()> address;
    std::function<void(const RespValue& hello)> up = [](const RespValue&) {};
    std::function<void()> down = [] {};
    std::function<void(const std::string&)> failed = [](const std::string&) {};  // to connect
    // The server answers, and will not take this login or database however often it is asked.
    std::function<void(const std::string&)> denied = [](const std::string&) {};
    std::function<void(RespValue)> push = [](RespValue) {};
    std::function<void()> read_done = [] {};  // everything that one read brought was handed out
    // Set where pushes are subscribed to: gets every error, the replies' too.
    std::function<void(const std::string& error)> refused{};
  };
  RedisConnection(Executor executor, const RedisLogin& login, Events events);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  void start();
  // over() becomes true when nothing of it runs any more.
  void stop();
  [[nodiscard]] bool over() const { return over_; }
  // Connects anew: what it is connected to is the wrong server.
  void drop(const std::string& why);
  [[nodiscard]] bool up() const { return up_; }
  // Of the connection that is up now; no two of a process have the same. 0: there was none yet.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] std::size_t unsent_bytes() const { return output_.size(); }

  // commands: whole ones, which bring `replies` replies together. Sent at the end of the turn. done
  // is called later, never before this returns.
  void send(std::string_view commands, std::size_t replies, std::chrono::milliseconds limit,
            RedisDone done);
  // Commands that Redis answers with pushes, or with an error.
  void send_for_pushes(std::string_view commands);

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
  using TlsSocket = boost::asio::ssl::stream<Socket>;
  struct Waiting {
    std::size_t replies;
    SteadyTime deadline;
    RedisReplies got;
    RedisDone done;
  };

  Task<> live();
  Task<std::optional<std::string>> connect();
  Task<std::optional<std::string>> log_in();
  Task<> read();
  Task<> write();
  Task<> watch();
  void take(RespValue value);
  void lose(const std::string& why);
  void close();
  void wake_writer();

  Executor executor_;
  const RedisLogin& login_;
  Events events_;
  std::optional<Socket> socket_;
  std::optional<TlsSocket> tls_socket_;
  RespParser parser_;
  std::string output_;
  std::deque<Waiting> waiting_;
  std::string lost_because_;
  SteadyTime heard_at_{};
  std::uint64_t generation_ = 0;
  int running_ = 0;  // read(), write(), watch()
  bool open_ = false;
  bool up_ = false;
  bool stopping_ = false;
  bool over_ = false;
  bool pinged_ = false;
  Timer output_ready_;
  Timer watch_timer_;
  Timer pause_;
  Timer ended_;  // cancelled when running_ is 0
};

}  // namespace banter::relay
