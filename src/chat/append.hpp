// Append: group commit, the queue in front of the store. While one batch is in flight sends queue;
// when it returns, everything queued is the next batch. No timer: an idle node adds no latency.
// AppendQueue is the pure part; Appender drives it, one per reactor, on its thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <expected>
#include <functional>
#include <span>
#include <vector>

#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "base/task.hpp"
#include "chat/event.hpp"
#include "chat/ports.hpp"
#include "chat/timelines.hpp"

namespace banter::chat {

// The store did not answer: stored or not is unknown.
struct AppendFailure {
  std::chrono::seconds retry_after{1};
};
using AppendAnswer = std::expected<AppendResult, AppendFailure>;
using AppendDone = std::move_only_function<void(const AppendAnswer&)>;

struct AppendBatch {
  std::vector<PendingEvent> events;
  std::vector<AppendDone> dones;  // one for each event
};

class AppendQueue {
 public:
  struct Limits {
    std::size_t events_max;
    std::size_t bytes_max;
  };
  explicit AppendQueue(Limits limits) : limits_(limits) {}

  // False: over a limit, nothing was taken.
  [[nodiscard]] bool push(PendingEvent& event, AppendDone& done);
  // Everything queued, in order, up to append_batch_*; at least one event.
  [[nodiscard]] AppendBatch take_batch();
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] std::size_t events() const { return queue_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    PendingEvent event;
    AppendDone done;
  };
  Limits limits_;
  std::deque<Entry> queue_;
  std::size_t bytes_ = 0;
};

class Appender {
 public:
  Appender(base::Reactor& reactor, ConversationStore& store, Timelines& timelines, Relay& relay,
           base::Metrics& metrics, AppendQueue::Limits limits);

  struct Overloaded {
    std::chrono::seconds retry_after{1};
  };
  // done is called on this reactor when the event's fate is known: after the event was delivered to
  // the local readers. Overloaded: the queue is full, nothing was taken, done is not called.
  [[nodiscard]] std::expected<void, Overloaded> submit(PendingEvent event, AppendDone done);
  // Nothing queued and nothing in flight.
  [[nodiscard]] bool idle() const { return !committing_ && queue_.empty(); }

 private:
  Task<> commit();
  void finish(AppendBatch& batch, std::span<const AppendResult> results);

  base::Reactor& reactor_;
  ConversationStore& store_;
  Timelines& timelines_;
  Relay& relay_;
  AppendQueue queue_;
  bool committing_ = false;
  prometheus::Gauge& queue_events_;
  prometheus::Counter& overloaded_;
  prometheus::Counter& unavailable_;
};

}  // namespace banter::chat
