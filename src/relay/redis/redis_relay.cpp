#include "relay/redis/redis_relay.hpp"

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "base/assert.hpp"
#include "chat/limits.hpp"
#include "relay/redis/relay_commands.hpp"
#include "relay/redis/relay_names.hpp"

namespace banter::relay {

using namespace std::chrono_literals;

namespace {

constexpr auto publish_max = 1s;
constexpr auto recent_max = 100ms;
constexpr auto confirm_max = 1s;       // then a subscription is sent again
constexpr auto subscribe_max = 200ms;  // a join waits no longer; the poll of heads covers the rest
constexpr std::size_t outgoing_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t channels_per_command = 64;

}  // namespace

RedisRelay::RedisRelay(Executor executor, std::string node, base::Metrics& metrics)
    : executor_(executor),
      node_(std::move(node)),
      events_out_(metrics.counter("banter_relay_events_out_total", "Events told to other nodes")),
      events_in_(metrics.counter("banter_relay_events_in_total", "Events heard from other nodes")),
      dropped_(metrics.counter("banter_relay_dropped_total",
                               "Events not told because too much waited, or no Redis took them")),
      garbage_(metrics.counter("banter_relay_garbage_total",
                               "What was found in Redis and is nothing of ours")),
      interruptions_(metrics.counter(
          "banter_relay_interruptions_total",
          "Times that events may have been missed, so that the store was asked instead")),
      subscribed_(metrics.gauge("banter_relay_subscriptions", "Conversations subscribed to")) {
  ASSERT(node_.size() == node_bytes, "a node is told apart by 8 bytes");
}

RedisRelay::~RedisRelay() = default;

void RedisRelay::stop() {
  stopping_ = true;
  for (auto& [conversation, done] : std::exchange(waiters_, {})) done();
}

// ---- epochs and notices

std::string RedisRelay::epoch() const {
  const std::scoped_lock lock(mutex_);
  return epoch_;
}

void RedisRelay::set_epoch(std::string epoch) {
  {
    const std::scoped_lock lock(mutex_);
    epoch_ = epoch;
  }
  boost::asio::post(executor_, [this, epoch = std::move(epoch)]() mutable {
    current_epoch_ = std::move(epoch);
    notices_ = {};
    for (auto& [conversation, subscription] : subscriptions_) {
      subscription.progress.forget();
    }
    synchronise();
  });
}

void RedisRelay::listen(Executor reactor, chat::NoticeListener& listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.push_back({.reactor = reactor, .listener = &listener});
}

void RedisRelay::tell_here(const chat::Notice& notice) {
  const std::scoped_lock lock(mutex_);
  for (const auto& each : listeners_) {
    boost::asio::post(each.reactor,
                      [listener = each.listener, notice] { listener->on_notice(notice); });
  }
}

void RedisRelay::notify(const chat::Notice& notice) {
  tell_here(notice);
  const auto channel = notice_channel(epoch());
  std::vector<SlotCommands> batch;
  batch.push_back({.slot = slot_of(channel),
                   .commands = {command_of({"SPUBLISH", channel, encode_notice(node_, notice)})}});
  send_out(std::move(batch), 0);
}

void RedisRelay::take_notice(std::string_view payload) {
  const auto notices = decode_notice(node_, payload);
  if (!notices) return garbage_.Increment();
  for (const auto& notice : *notices) tell_here(notice);
}

// ---- subscriptions

Task<> RedisRelay::subscribe(ConversationId conversation, Executor reactor,
                             chat::RelayListener& listener) {
  co_await boost::asio::async_initiate<const decltype(use_task), void()>(
      [&](auto handler) {
        auto back = boost::asio::get_associated_executor(handler);
        Done done = [back, handler = std::move(handler)]() mutable {
          boost::asio::post(back,
                            [handler = std::move(handler)]() mutable { std::move(handler)(); });
        };
        boost::asio::post(
            executor_, [this, conversation, reactor, &listener, done = std::move(done)]() mutable {
              subscribe_here(conversation, {.reactor = reactor, .listener = &listener},
                             std::move(done));
            });
      },
      use_task);
}

void RedisRelay::subscribe_here(ConversationId conversation, Subscription subscription, Done done) {
  if (stopping_) return done();
  const auto place = subscriptions_.insert_or_assign(conversation, subscription).first;
  subscribed_.Set(static_cast<double>(subscriptions_.size()));
  const auto channel = channel_of(conversation);
  RedisConnection* connection = client_->subscriber_of(slot_of(channel));
  if (connection == nullptr || current_epoch_.empty()) return done();
  static_cast<void>(place->second.progress.due(*connection));
  waiters_.emplace(conversation, std::move(done));
  connection->send_for_pushes(command_of({"SSUBSCRIBE", channel}));
  auto limit = std::make_shared<Timer>(executor_, subscribe_max);
  limit->async_wait(
      [this, conversation, limit](boost::system::error_code) { finish_waiters(conversation); });
}

void RedisRelay::finish_waiters(ConversationId conversation) {
  const auto [begin, end] = waiters_.equal_range(conversation);
  std::vector<Done> dones;
  for (auto item = begin; item != end; ++item) dones.push_back(std::move(item->second));
  waiters_.erase(begin, end);
  for (auto& done : dones) done();
}

void RedisRelay::unsubscribe(ConversationId conversation) {
  boost::asio::post(executor_, [this, conversation] {
    if (subscriptions_.erase(conversation) == 0) return;
    subscribed_.Set(static_cast<double>(subscriptions_.size()));
    const auto channel = channel_of(conversation);
    if (RedisConnection* connection = client_->subscriber_of(slot_of(channel))) {
      connection->send_for_pushes(command_of({"SUNSUBSCRIBE", channel}));
    }
  });
}

std::string RedisRelay::channel_of(ConversationId conversation) const {
  return event_channel(current_epoch_, conversation);
}

bool RedisRelay::Progress::due(const RedisConnection& connection) {
  const auto generation = connection.generation();
  const auto now = steady_now();
  if (confirmed == generation) return false;
  if (sent == generation && now - sent_at < confirm_max) return false;  // it is on its way
  sent = generation;
  sent_at = now;
  return true;
}

// In commands of many channels of one partition, because a cluster takes no others.
void RedisRelay::synchronise() {
  if (stopping_ || current_epoch_.empty()) return;
  subscribe_to_notices();
  std::unordered_map<std::uint16_t, std::vector<std::string>> wanted;
  for (auto& [conversation, subscription] : subscriptions_) {
    auto channel = channel_of(conversation);
    const auto slot = slot_of(channel);
    RedisConnection* connection = client_->subscriber_of(slot);
    if (connection == nullptr || !subscription.progress.due(*connection)) continue;
    wanted[slot].push_back(std::move(channel));
  }
  for (const auto& [slot, channels] : wanted) {
    RedisConnection* connection = client_->subscriber_of(slot);
    for (std::size_t from = 0; from < channels.size(); from += channels_per_command) {
      std::vector<std::string_view> words{"SSUBSCRIBE"};
      const auto to = std::min(from + channels_per_command, channels.size());
      words.insert(words.end(), channels.begin() + static_cast<std::ptrdiff_t>(from),
                   channels.begin() + static_cast<std::ptrdiff_t>(to));
      std::string text;
      append_command(text, words);
      connection->send_for_pushes(text);
    }
  }
}

void RedisRelay::subscribe_to_notices() {
  const auto channel = notice_channel(current_epoch_);
  RedisConnection* connection = client_->subscriber_of(slot_of(channel));
  if (connection == nullptr || !notices_.due(*connection)) return;
  connection->send_for_pushes(command_of({"SSUBSCRIBE", channel}));
}

// ---- what comes in

void RedisRelay::on_push(RespValue push) {
  if (push.items.size() != 3) return;
  const std::string_view kind = push.items[0].text;
  const std::string_view channel = push.items[1].text;
  if (kind == "smessage") {
    if (channel.contains("{n}")) return take_notice(push.items[2].text);
    return take_events(channel, push.items[2].text);
  }
  if (kind == "ssubscribe") {
    if (channel == notice_channel(current_epoch_)) {
      notices_.confirmed = notices_.sent;
    } else if (const auto conversation = conversation_of(current_epoch_, channel)) {
      confirm(*conversation);
    }
  } else if (kind == "sunsubscribe") {
    lose(channel);
  }
}

void RedisRelay::confirm(ConversationId conversation) {
  if (const auto found = subscriptions_.find(conversation); found != subscriptions_.end()) {
    Progress& progress = found->second.progress;
    // Nobody waits for it any more: whoever subscribed has gone on, and may have missed something.
    const bool late = progress.confirmed != progress.sent && !waiters_.contains(conversation);
    progress.confirmed = progress.sent;
    if (late) {
      interruptions_.Increment();
      boost::asio::post(found->second.reactor,
                        [listener = found->second.listener] { listener->on_interrupted(); });
    }
  }
  finish_waiters(conversation);
}

// The slot was moved to another server (or we unsubscribed, and then it is known to nobody).
void RedisRelay::lose(std::string_view channel) {
  const auto conversation = conversation_of(current_epoch_, channel);
  const auto found = conversation ? subscriptions_.find(*conversation) : subscriptions_.end();
  if (found == subscriptions_.end()) {
    if (channel == notice_channel(current_epoch_)) notices_.forget();
    return;
  }
  found->second.progress.forget();
  client_->refresh();
}

void RedisRelay::take_events(std::string_view channel, std::string_view payload) {
  const auto conversation = conversation_of(current_epoch_, channel);
  if (!conversation) return;
  const auto found = subscriptions_.find(*conversation);
  if (found == subscriptions_.end()) return;
  auto events = decode_events(node_, payload);
  const bool foreign = events && std::ranges::any_of(*events, [&](const chat::Event& event) {
                         return event.conversation != *conversation;
                       });
  if (!events || foreign) return garbage_.Increment();
  if (events->empty()) return;
  events_in_.Increment(static_cast<double>(events->size()));
  auto place = std::ranges::find(incoming_, found->second.listener, &Incoming::listener);
  if (place == incoming_.end()) {
    place = incoming_.insert(
        place,
        {.reactor = found->second.reactor, .listener = found->second.listener, .events = {}});
  }
  std::ranges::move(*events, std::back_inserter(place->events));
}

void RedisRelay::on_read_done() {
  for (auto& each : std::exchange(incoming_, {})) {
    boost::asio::post(each.reactor,
                      [listener = each.listener, events = std::move(each.events)]() mutable {
                        listener->on_relayed(std::move(events));
                      });
  }
}

// ---- what goes out

// Encoded here, on the caller's reactor: the relay's thread only passes it on.
void RedisRelay::publish(std::span<const chat::Event> events) {
  const auto epoch = this->epoch();
  if (events.empty() || epoch.empty()) return;
  auto batch = publish_commands(epoch, node_, events);
  std::size_t bytes = 0;
  for (const auto& each : batch) bytes += each.bytes();
  if (outgoing_bytes_ + bytes > outgoing_bytes_max) {
    dropped_.Increment(static_cast<double>(events.size()));
    return;
  }
  events_out_.Increment(static_cast<double>(events.size()));
  send_out(std::move(batch), bytes);
}

void RedisRelay::remember(std::vector<chat::Event> events) {
  if (events.empty()) return;
  std::vector<SlotCommands> batch;
  batch.push_back(remember_commands(epoch(), events));
  send_out(std::move(batch), 0);
}

// bytes: to be counted as waiting until Redis has answered.
void RedisRelay::send_out(std::vector<SlotCommands> batch, std::size_t bytes) {
  outgoing_bytes_ += bytes;
  auto counted = std::shared_ptr<void>(nullptr, [this, bytes](void*) { outgoing_bytes_ -= bytes; });
  boost::asio::post(executor_, [this, counted, batch = std::move(batch)]() mutable {
    for (auto& each : batch) {
      client_->request(each.slot, std::move(each.commands), publish_max,
                       [this, counted](const RedisReplies& replies) {
                         if (replies.empty()) dropped_.Increment();
                       });
    }
  });
}

Task<std::vector<chat::Event>> RedisRelay::recent(ConversationId conversation) {
  using Events = std::vector<chat::Event>;
  auto events =
      co_await boost::asio::async_initiate<const decltype(use_task), void(std::shared_ptr<Events>)>(
          [this, conversation](auto handler) {
            auto back = boost::asio::get_associated_executor(handler);
            RedisDone done = [this, back, conversation,
                              handler = std::move(handler)](RedisReplies replies) mutable {
              auto found = std::make_shared<Events>();
              if (replies.size() == 1) {
                for (const auto& member : replies[0].items) {
                  auto event = decode_member(member.text);
                  if (event && event->conversation == conversation) {
                    found->push_back(*std::move(event));
                  } else {
                    garbage_.Increment();
                  }
                }
              }
              boost::asio::post(back,
                                [found = std::move(found), handler = std::move(handler)]() mutable {
                                  std::move(handler)(std::move(found));
                                });
            };
            const auto key = window_key(epoch(), conversation);
            boost::asio::post(executor_, [this, key, done = std::move(done)]() mutable {
              client_->request(slot_of(key), {command_of({"ZRANGE", key, "0", "-1"})}, publish_max,
                               within(executor_, recent_max, std::move(done)));
            });
          },
          use_task);
  std::ranges::sort(*events, {}, &chat::Event::seq);
  co_return std::move(*events);
}

}  // namespace banter::relay
