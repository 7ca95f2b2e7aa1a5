// RedisRelay: the relay between nodes over Redis. A conversation belongs to one of 256 partitions;
// its window and its channel carry the partition as their hash tag, so that a node needs few
// connections and a cluster may spread them. Owned by RedisServices; the port from any thread, the
// rest on the relay's.
//
//   window   banter:{p:N}:EPOCH:w:ID     sorted set: score seq, member version event
//   channel  banter:{p:N}:EPOCH:c:ID     node version *event
//   notices  banter:{n}:EPOCH            node version kind user conversation
//   version = 1    event: chat/event_record    node = 8 bytes, so that a node knows its own words
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "chat/ports.hpp"
#include "relay/redis/redis_client.hpp"
#include "relay/redis/relay_commands.hpp"

namespace banter::relay {

class RedisRelay final : public chat::Relay {
 public:
  // executor: the relay's thread. The client is given before anything else runs.
  RedisRelay(Executor executor, std::string node, base::Metrics& metrics);
  ~RedisRelay() override;
  void use(RedisClient& client) { client_ = &client; }
  void stop();

  // ---- the port
  void set_epoch(std::string epoch) override;
  void listen(Executor reactor, chat::NoticeListener& listener) override;
  [[nodiscard]] Task<> subscribe(ConversationId conversation, Executor reactor,
                                 chat::RelayListener& listener) override;
  void unsubscribe(ConversationId conversation) override;
  void publish(std::span<const chat::Event> events) override;
  void notify(const chat::Notice& notice) override;
  [[nodiscard]] bool remembers() const override { return true; }
  [[nodiscard]] Task<std::vector<chat::Event>> recent(ConversationId conversation) override;
  void remember(std::vector<chat::Event> events) override;

  // ---- what the client tells
  void on_push(RespValue push);
  void on_read_done();
  // Subscribes where that is to be done (again).
  void synchronise();
  [[nodiscard]] std::string epoch() const;

 private:
  using Done = std::move_only_function<void()>;
  // How far a subscription has come.
  struct Progress {
    std::uint64_t confirmed = 0;  // by this generation of a connection; 0: by none
    std::uint64_t sent = 0;       // to this generation
    SteadyTime sent_at{};
    // Whether it is to be sent to this connection; if so, it counts as sent.
    [[nodiscard]] bool due(const RedisConnection& connection);
    void forget() { confirmed = sent = 0; }
  };
  struct Subscription {
    Executor reactor;
    chat::RelayListener* listener;
    Progress progress{};
  };
  struct Incoming {
    Executor reactor;
    chat::RelayListener* listener;
    std::vector<chat::Event> events;
  };

  void subscribe_here(ConversationId conversation, Subscription subscription, Done done);
  void finish_waiters(ConversationId conversation);
  void confirm(ConversationId conversation);
  void lose(std::string_view channel);
  void take_events(std::string_view channel, std::string_view payload);
  void take_notice(std::string_view payload);
  void tell_here(const chat::Notice& notice);
  void send_out(std::vector<SlotCommands> batch, std::size_t bytes);
  void subscribe_to_notices();
  [[nodiscard]] std::string channel_of(ConversationId conversation) const;

  Executor executor_;
  std::string node_;  // 8 bytes
  RedisClient* client_ = nullptr;
  bool stopping_ = false;
  std::unordered_map<ConversationId, Subscription> subscriptions_;
  std::unordered_multimap<ConversationId, Done> waiters_;
  std::vector<Incoming> incoming_;  // of the read in progress
  std::string current_epoch_;       // on the relay's thread
  Progress notices_;                // of the channel of notices
  std::atomic<std::size_t> outgoing_bytes_ = 0;

  mutable std::mutex mutex_;  // over the next two
  std::string epoch_;
  struct Listening {
    Executor reactor;
    chat::NoticeListener* listener;
  };
  std::vector<Listening> listeners_;

  prometheus::Counter& events_out_;
  prometheus::Counter& events_in_;
  prometheus::Counter& dropped_;
  prometheus::Counter& garbage_;
  prometheus::Counter& interruptions_;
  prometheus::Gauge& subscribed_;
};

}  // namespace banter::relay
