// AppendLane: the appends of a share of all conversations, over one connection. While a batch is in
// flight, calls queue; when it returns, everything queued is the next batch. What becomes of a
// batch whose connection was lost is not known: its events that have a client_id are sent again, in
// their order, before anything newer. Owned by PostgresStore, on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "chat/event.hpp"
#include "store/postgres/connection.hpp"

namespace banter::store::postgres {

// One call of append(), perhaps spread over several lanes. It is answered when each of its events
// is, or at its deadline; then nobody looks at its events any more.
class AppendCall {
 public:
  using Answered = std::move_only_function<void(std::vector<chat::AppendResult>)>;
  AppendCall(std::span<const chat::PendingEvent> events, SteadyTime deadline, Answered answered);

  [[nodiscard]] bool answered() const { return answered_ == nullptr; }
  [[nodiscard]] SteadyTime deadline() const { return deadline_; }
  [[nodiscard]] const chat::PendingEvent& event(std::size_t index) const { return events_[index]; }
  void answer(std::size_t index, chat::AppendResult result);
  // What has no answer yet is `unknown`. How many that were.
  std::size_t give_up();

 private:
  std::span<const chat::PendingEvent> events_;
  SteadyTime deadline_;
  Answered answered_;
  std::vector<chat::AppendResult> results_;  // unknown until answered
  std::size_t open_;
};

class AppendLane {
 public:
  struct Counters {
    std::function<void(std::size_t events, double seconds)> committed;  // one batch
    std::function<void()> retried;                                      // one batch
  };
  AppendLane(Connection::Options options, Executor executor, Connection::Events events,
             Counters counters);

  void start() { connection_.start(); }
  void stop();
  [[nodiscard]] bool up() const { return connection_.up(); }
  // indexes: the events of the call that are this lane's, in order.
  void append(const std::shared_ptr<AppendCall>& call, std::vector<std::uint32_t> indexes);
  // Forgets what waits; what was in flight is not sent again. Its calls are the caller's to answer.
  void forget();
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }  // calls

 private:
  struct Entry {
    std::shared_ptr<AppendCall> call;
    std::uint32_t index = 0;
    bool sent_before = false;  // its fate was unknown once
  };
  struct Part {
    std::shared_ptr<AppendCall> call;
    std::vector<std::uint32_t> indexes;
  };

  void pump();
  [[nodiscard]] std::vector<Entry> take_batch();
  void send(std::vector<Entry> batch);
  void on_answer(std::vector<Entry>& batch, Answer answer, SteadyTime sent_at);
  void accept(std::vector<Entry>& batch, const Rows& rows);
  void send_again(std::vector<Entry>& batch, bool nothing_was_done);

  Executor executor_;
  Connection connection_;
  Counters counters_;
  std::deque<Part> queue_;
  std::vector<Entry> again_;  // before the queue
  std::uint64_t generation_ = 0;
  bool in_flight_ = false;
  bool pausing_ = false;
  Timer pause_;
};

}  // namespace banter::store::postgres
