// Writer: the thread that owns the only writing connection. Calls from all reactors queue here; it
// takes everything queued (up to a bound) into one transaction, and answers each caller on its
// reactor after COMMIT returned, never before. While a commit waits for the disk the next
// transaction gathers: that is the whole of group commit here, there is no timer. It also copies
// the WAL back (checkpoints), after the answers are out, and makes room in it while nothing comes.
// Owned by SqliteStore.
#pragma once

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "base/unavailable.hpp"
#include "store/sqlite/account_table.hpp"
#include "store/sqlite/conversation_table.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/event_log.hpp"
#include "store/sqlite/tail.hpp"
#include "store/sqlite/wal_space.hpp"

namespace banter::store {

// What a write may use while its transaction is open.
struct WriteTables {
  WriteTables(Connection& connection, Tail& tail, TailLimits limits)
      : events(connection, tail, limits), accounts(connection), conversations(connection) {}
  EventLog events;
  AccountWrites accounts;
  ConversationWrites conversations;
  Micros now;  // of the transaction
};

class Writer {
 public:
  static constexpr std::size_t jobs_max = 4'096;  // waiting; past it Unavailable
  static constexpr std::size_t transaction_events_max = 1'024;
  // 16 MiB of WAL: a checkpoint then writes each hot page once for many commits, and a start after
  // kill -9 reads no more than that. docs/decisions/0003 has the measurements.
  static constexpr int checkpoint_pages = 4'096;
  static constexpr std::int64_t wal_frame_bytes = 4'096 + 24;

  struct Options {
    TailLimits tail{};
    std::chrono::milliseconds full_pause{1'000};  // before a full disk is tried again; delivery.md
    // What the WAL gets before it is needed: one checkpoint's worth, and the transaction behind it.
    std::int64_t wal_bytes = (checkpoint_pages + 256) * wal_frame_bytes;
    std::chrono::milliseconds wal_pause{20};  // without a write, before each slice of that
  };
  // Fills the tail, and is the one that changes it. Tail and metrics outlive it.
  Writer(std::unique_ptr<Connection> connection, Tail& tail, Options options,
         base::Metrics& metrics);
  ~Writer();  // commits what is queued, then joins
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Runs `work(WriteTables&)` in a transaction and resumes the caller with its result once that is
  // on stable storage. Unavailable: it failed, was refused, or the outcome is unknown. A work that
  // throws undoes only itself.
  template <class Work>
  [[nodiscard]] Task<std::invoke_result_t<Work&, WriteTables&>> run(Work work) {
    return submit_and_wait(0, std::move(work));
  }
  // The same for a batch of events, which counts towards transaction_events_max and cannot be
  // undone alone: if it fails, so does its whole transaction.
  template <class Work>
  [[nodiscard]] Task<std::invoke_result_t<Work&, WriteTables&>> run_events(std::size_t events,
                                                                           Work work) {
    return submit_and_wait(events, std::move(work));
  }

  // Whether a commit can be expected to succeed now. Any thread, never waits.
  [[nodiscard]] bool healthy() const;

 private:
  // full: the disk was; tried again after a second. broken: an I/O error, nothing is written any
  // more, because after a failed fsync nobody knows what the disk holds.
  enum class State : int { writing, full, broken };

  struct Job {
    std::size_t events = 0;                             // 0: undone alone when it fails
    std::move_only_function<void(WriteTables&)> apply;  // in the transaction
    std::move_only_function<void(const char*)> finish;  // after it; what failed, or nullptr
    const char* failure = nullptr;
  };

  template <class Result>
  struct Answer {
    std::optional<Result> value;
    const char* failure = nullptr;
  };

  template <class Work, class Result = std::invoke_result_t<Work&, WriteTables&>>
  Task<Result> submit_and_wait(std::size_t events, Work work) {
    auto answer = co_await boost::asio::async_initiate<const decltype(use_task),
                                                       void(std::shared_ptr<Answer<Result>>)>(
        [this, events](auto handler, Work wanted) {
          submit(make_job<Result>(events, std::move(handler), std::move(wanted)));
        },
        use_task, std::move(work));
    if (answer->failure != nullptr) throw Unavailable(answer->failure);
    co_return std::move(*answer->value);
  }

  template <class Result, class Handler, class Work>
  static Job make_job(std::size_t events, Handler handler, Work work) {
    auto answer = std::make_shared<Answer<Result>>();
    auto executor = boost::asio::get_associated_executor(handler);
    return {.events = events,
            .apply = [answer, wanted = std::move(work)](
                         WriteTables& tables) mutable { answer->value.emplace(wanted(tables)); },
            .finish =
                [answer, executor, waiting = std::move(handler)](const char* failure) mutable {
                  answer->failure = failure;
                  boost::asio::post(executor, [answer = std::move(answer),
                                               resumed = std::move(waiting)]() mutable {
                    std::move(resumed)(std::move(answer));
                  });
                }};
  }

  void submit(Job job);
  void work();
  [[nodiscard]] std::vector<Job> take();  // mutex_ held
  void commit(std::vector<Job>& jobs);
  void apply(Job& job);
  [[nodiscard]] const char* failed(const SqlError& error);
  void checkpoint_if_due();
  void extend_wal();
  void probe();

  const Options options_;
  std::unique_ptr<Connection> connection_;
  const Tail& tail_;
  WriteTables tables_;
  WalSpace wal_space_;
  Statement savepoint_;
  Statement release_;
  Statement rollback_to_;
  int wal_pages_ = 0;  // in use; set by SQLite's hook after a commit
  int wal_pages_before_ = 0;
  int checkpoint_at_ = checkpoint_pages;

  std::atomic<State> state_ = State::writing;
  std::atomic<SteadyTime::rep> busy_since_ = 0;  // 0: not in a transaction

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;

  prometheus::Histogram& transaction_events_;
  prometheus::Histogram& commit_seconds_;
  prometheus::Histogram& checkpoint_seconds_;
  prometheus::Gauge& queue_jobs_;
  prometheus::Gauge& wal_bytes_;
  prometheus::Gauge& tail_events_;
  prometheus::Counter& failures_;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace banter::store
