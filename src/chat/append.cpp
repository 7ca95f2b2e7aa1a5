#include "chat/append.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/unavailable.hpp"
#include "chat/limits.hpp"

namespace banter::chat {

namespace {

std::size_t size_of(const PendingEvent& event) {
  return event.payload.size() + event.client_id.size();
}

Event stored_event(PendingEvent pending, const AppendResult& result) {
  return {.conversation = pending.conversation,
          .seq = result.seq,
          .author = pending.author,
          .kind = pending.kind,
          .payload = std::move(pending.payload),
          .client_id = std::move(pending.client_id),
          .at = result.at};
}

}  // namespace

bool AppendQueue::push(PendingEvent& event, AppendDone& done) {
  const std::size_t size = size_of(event);
  if (queue_.size() >= limits_.events_max || bytes_ + size > limits_.bytes_max) return false;
  bytes_ += size;
  queue_.push_back({.event = std::move(event), .done = std::move(done)});
  return true;
}

AppendBatch AppendQueue::take_batch() {
  AppendBatch batch;
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.events.size() < append_batch_events_max) {
    const std::size_t size = size_of(queue_.front().event);
    if (!batch.events.empty() && bytes + size > append_batch_bytes_max) break;
    bytes += size;
    bytes_ -= size;
    batch.events.push_back(std::move(queue_.front().event));
    batch.dones.push_back(std::move(queue_.front().done));
    queue_.pop_front();
  }
  return batch;
}

Appender::Appender(base::Reactor& reactor, ConversationStore& store, Timelines& timelines,
                   Relay& relay, base::Metrics& metrics, AppendQueue::Limits limits)
    : reactor_(reactor),
      store_(store),
      timelines_(timelines),
      relay_(relay),
      queue_(limits),
      queue_events_(metrics.gauge("banter_chat_append_queue_events",
                                  "Sends waiting for the batch in flight")),
      overloaded_(metrics.counter("banter_chat_append_refused_total",
                                  "Sends that were not stored, by reason",
                                  {{"reason", "overloaded"}})),
      unavailable_(metrics.counter("banter_chat_append_refused_total",
                                   "Sends that were not stored, by reason",
                                   {{"reason", "unavailable"}})) {}

std::expected<void, Appender::Overloaded> Appender::submit(PendingEvent event, AppendDone done) {
  if (!queue_.push(event, done)) {
    overloaded_.Increment();
    return std::unexpected(Overloaded{});
  }
  queue_events_.Increment();
  if (!committing_) {
    committing_ = true;
    // Posted, not started: what else this turn brings in belongs to the same batch.
    reactor_.post(
        [this] { boost::asio::co_spawn(reactor_.executor(), commit(), boost::asio::detached); });
  }
  return {};
}

Task<> Appender::commit() {
  while (!queue_.empty()) {
    AppendBatch batch = queue_.take_batch();
    queue_events_.Decrement(static_cast<double>(batch.events.size()));
    try {
      const auto results = co_await store_.append(batch.events);
      finish(batch, results);
    } catch (const Unavailable& accident) {
      unavailable_.Increment(static_cast<double>(batch.events.size()));
      log::warn("append_failed", {{"events", batch.events.size()}, {"reason", accident.what()}});
      const AppendAnswer failed = std::unexpected(AppendFailure{accident.retry_after()});
      for (auto& done : batch.dones) done(failed);
    }
  }
  committing_ = false;
}

// Delivered first, acknowledged second: a sender sees its own message before its ack. The relay is
// told before both, because it only takes a copy and works elsewhere.
void Appender::finish(AppendBatch& batch, std::span<const AppendResult> results) {
  ASSERT(results.size() == batch.events.size(), "the store answers for each event");
  std::vector<Event> stored;
  stored.reserve(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status == AppendStatus::stored) {
      stored.push_back(stored_event(std::move(batch.events[i]), results[i]));
    }
  }
  relay_.publish(stored);
  auto next = stored.begin();
  const AppendAnswer unknown = std::unexpected(AppendFailure{});
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status == AppendStatus::stored) timelines_.offer(std::move(*next++));
    if (results[i].status == AppendStatus::unknown) {
      unavailable_.Increment();
      batch.dones[i](unknown);
    } else {
      batch.dones[i](results[i]);
    }
  }
}

}  // namespace banter::chat
