// Rig: HTTP on one reactor over the store in memory, driven by the test's own thread, and clients
// that speak to it through socket pairs. Nothing waits: a client turns the reactor until it has
// what it asks for.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/accounts.hpp"
#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "base/worker_pool.hpp"
#include "chat/conversations.hpp"
#include "chat/throttle.hpp"
#include "chat/timelines.hpp"
#include "http/connections.hpp"
#include "http/health.hpp"
#include "http/metrics.hpp"
#include "relay/in_process/in_process_relay.hpp"
#include "store/memory/memory_store.hpp"

namespace banter::http {

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

class Rig;

// One end of a socket, blocking for nobody.
class Client {
 public:
  Client(Rig& rig, int socket) : rig_(rig), socket_(socket) {}
  Client(Client&& other) noexcept
      : rig_(other.rig_), socket_(std::exchange(other.socket_, -1)), input_(other.input_) {}
  ~Client();

  void send(std::string_view bytes);
  void half_close();
  // The next response; status 0 if the server closed instead. A response to HEAD has no body.
  Reply receive(bool to_head = false);
  Reply ask(std::string_view request);
  // Whether the server closes, having sent nothing more.
  bool closed();
  // Exactly that many bytes, or fewer if the server closes.
  std::string bytes(std::size_t count);

 private:
  bool more();
  Rig& rig_;
  int socket_;
  std::string input_;
};

class Rig {
 public:
  static Options lifted();  // options without throttles
  explicit Rig(Options options = lifted(), store::MemoryStore::Options store = {});
  ~Rig();

  Client connect();
  // The connection itself, for calling on_tick().
  Client connect(std::shared_ptr<Connection>& connection, base::Stream*& stream);

  template <class T>
  T await(Task<T> task) {
    auto answer =
        boost::asio::co_spawn(reactor_.executor(), std::move(task), boost::asio::use_future);
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) turn();
    return answer.get();
  }
  // Runs what is ready, or waits for something to become so, at most two seconds.
  void turn();
  // Runs what is ready, and what that makes ready.
  void settle();

  UserId add_user(const std::string& email);
  std::string token(UserId user);
  ConversationId add_conversation(UserId creator, std::vector<UserId> members);
  void add_message(ConversationId conversation, UserId author, const std::string& text);

  struct Upgraded {
    UpgradeRequest request;
    base::Stream* stream = nullptr;
  };
  std::vector<Upgraded> upgrades;

  base::Metrics registry;
  store::MemoryStore store;
  Connections& connections() { return connections_; }
  base::Reactor& reactor() { return reactor_; }
  Metrics& metrics() { return metrics_; }

 private:
  Options options_;
  base::Reactor reactor_{{}};
  relay::InProcessRelay relay_;
  chat::LogReader logs_;
  chat::Timelines timelines_;
  chat::Conversations conversations_;
  base::WorkerPool passwords_{{.name = "passwords"}};
  auth::Tokens tokens_;
  auth::Accounts accounts_;
  chat::InProcessThrottle throttle_{registry};
  Health health_{store};
  Metrics metrics_{registry};
  Connections connections_;
};

// "GET /path HTTP/1.1", a Host, the further lines (each ending in CRLF), the empty line.
[[nodiscard]] std::string get(std::string_view path, std::string_view lines = {});
[[nodiscard]] std::string post(std::string_view path, std::string_view body,
                               std::string_view lines = "Content-Type: application/json\r\n");
[[nodiscard]] std::string bearer(std::string_view token);

}  // namespace banter::http
