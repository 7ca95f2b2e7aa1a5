// RedisClient: a single Redis, one that sentinels watch over, or a cluster, behind one question:
// which connection serves this slot. A cluster is recognised by what the server says of itself.
// Follows MOVED and ASK, and learns the slots anew when something changes. Owned by RedisServices,
// on the relay's thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "relay/redis/cluster_slots.hpp"
#include "relay/redis/redis_connection.hpp"
#include "relay/redis/redis_url.hpp"

namespace banter::relay {

// A `done` that is called once: with the replies, or with none when they take longer than this. The
// connection is none the worse for that.
[[nodiscard]] RedisDone within(Executor executor, std::chrono::milliseconds limit, RedisDone done);

class RedisClient {
 public:
  struct Events {
    std::function<void(RespValue)> push;
    std::function<void()> read_done;  // of a connection that brings pushes
    // A subscribing connection came up, went down, or serves other slots: look at subscriptions.
    std::function<void()> changed;
    std::function<void(bool up)> state;  // whether any server can be used
    // No login with this password, user or database; told only before any connection was up.
    std::function<void(const std::string& why)> denied = [](const std::string&) {};
    std::function<void(const std::string& why)> failed = [](const std::string&) {};  // to connect
  };
  RedisClient(Executor executor, RedisUrl url, std::string name, Events events,
              base::Metrics& metrics);
  ~RedisClient();

  void start();
  void stop();

  // The master of a slot. Subscribing has a connection of its own, so that a flood of pushes delays
  // no answer. nullptr: none is up.
  [[nodiscard]] RedisConnection* commands_of(std::uint16_t slot);
  [[nodiscard]] RedisConnection* subscriber_of(std::uint16_t slot);

  // Sends commands that all touch this slot, in order; `done` gets a reply for each, or none if
  // they could not be carried out.
  void request(std::uint16_t slot, std::vector<std::string> commands,
               std::chrono::milliseconds limit, RedisDone done);
  // Learns the slots anew, soon: one of them is elsewhere.
  void refresh();

 private:
  struct Master {
    RedisAddress address;
    std::unique_ptr<RedisConnection> commands;
    std::unique_ptr<RedisConnection> subscriber;
    [[nodiscard]] bool over() const { return commands->over() && subscriber->over(); }
  };
  struct Request {
    std::uint16_t slot;
    std::vector<std::string> commands;
    std::chrono::milliseconds limit;
    RedisDone done;
    int redirections = 0;
    Master* asked = nullptr;  // to be asked instead of the slot's master
  };

  void make_tls();
  Task<std::optional<RedisAddress>> next_address();
  std::unique_ptr<RedisConnection> connect_to(RedisConnection::Events events);
  Master& master_at(const RedisAddress& address);
  void on_hello(const RespValue& hello);
  void learn_slots(const RespValue& reply, const RedisAddress& asked);
  void retire_all_but(const std::vector<RedisAddress>& masters);
  void ask_for_slots();
  void send(Request request);
  void on_replies(Request request, RedisReplies replies);
  bool redirect(Request& request, const std::string& error);
  void tell_state();

  Executor executor_;
  RedisUrl url_;
  RedisLogin login_;
  std::optional<boost::asio::ssl::context> tls_;
  Events events_;
  std::size_t next_host_ = 0;
  RedisAddress single_address_;  // of the single server, as last resolved
  RedisAddress subscribed_address_;
  std::unique_ptr<Master> single_;  // what the URL leads to: the server, or a way into the cluster
  bool clustered_ = false;
  std::map<RedisAddress, std::unique_ptr<Master>> masters_;  // of a cluster
  std::vector<std::unique_ptr<Master>> retired_;
  std::array<Master*, slot_count> slots_{};
  bool refreshing_ = false;
  bool stopping_ = false;
  std::optional<bool> told_up_;
  bool was_up_ = false;
  Timer refresh_timer_;
  prometheus::Counter& moved_;
  prometheus::Counter& asked_;
  prometheus::Counter& reconnects_;
};

}  // namespace banter::relay
