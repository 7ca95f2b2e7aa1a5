#include "store/sqlite/writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/log.hpp"

namespace banter::store {
namespace {

using namespace std::chrono_literals;

constexpr auto stuck_after = 1s;             // a transaction that takes longer is no good sign
constexpr std::size_t probe_bytes = 65'536;  // room for a few batches

constexpr const char* why_full = "the disk of the store is full";
constexpr const char* why_broken = "the store stopped writing after an I/O error";
constexpr const char* why_failed = "the store could not write";
constexpr const char* why_busy = "the store's queue is full";

const std::vector<double> seconds{0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
                                  0.05,   0.1,    0.2,   0.5,   1,     2};
const std::vector<double> sizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024};

double since(SteadyTime start) {
  return std::chrono::duration<double>(steady_now() - start).count();
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, Tail& tail, Options options,
               base::Metrics& metrics)
    : options_(options),
      connection_(std::move(connection)),
      tail_(tail),
      tables_(*connection_, tail, options.tail),
      wal_space_(*connection_, options.wal_bytes),
      savepoint_(*connection_, "SAVEPOINT work"),
      release_(*connection_, "RELEASE work"),
      rollback_to_(*connection_, "ROLLBACK TO work"),
      transaction_events_(
          metrics.histogram("banter_store_transaction_events", "Events in one transaction", sizes)),
      commit_seconds_(metrics.histogram("banter_store_commit_seconds",
                                        "One transaction, from its begin to stable storage",
                                        seconds)),
      checkpoint_seconds_(metrics.histogram("banter_store_checkpoint_seconds",
                                            "Copying the WAL back; nothing commits meanwhile",
                                            seconds)),
      queue_jobs_(metrics.gauge("banter_store_queue_jobs", "Writes waiting for a transaction")),
      wal_bytes_(metrics.gauge("banter_store_wal_bytes", "WAL in use")),
      tail_events_(metrics.gauge("banter_store_tail_events", "Events not yet in their places")),
      failures_(metrics.counter("banter_store_failures_total", "Transactions that failed")) {
  sqlite3_wal_hook(
      connection_->handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  thread_ = std::thread([this] { work(); });
}

Writer::~Writer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Writer::healthy() const {
  if (state_ != State::writing) return false;
  const SteadyTime start{SteadyTime::duration(busy_since_.load())};
  return start == SteadyTime{} || steady_now() - start < stuck_after;
}

void Writer::submit(Job job) {
  const State state = state_;
  const char* refusal = state == State::broken ? why_broken
                        : state == State::full ? why_full
                                               : nullptr;
  if (refusal == nullptr) {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() < jobs_max) {
      queue_.push_back(std::move(job));
      queue_jobs_.Set(static_cast<double>(queue_.size()));
    } else {
      refusal = why_busy;
    }
  }
  refusal == nullptr ? wake_.notify_one() : job.finish(refusal);
}

void Writer::work() {
  pthread_setname_np(pthread_self(), "store-writer");
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto something = [this] { return stopping_ || !queue_.empty(); };
    if (state_ == State::full) {
      // What was queued when the disk was found full is refused at once, not after the pause.
      if (!wake_.wait_for(lock, options_.full_pause, something)) {
        lock.unlock();
        probe();
        lock.lock();
      }
    } else if (state_ == State::writing && wal_space_.wanted()) {
      if (!wake_.wait_for(lock, options_.wal_pause, something)) {
        lock.unlock();
        extend_wal();
        lock.lock();
      }
    } else {
      wake_.wait(lock, something);
    }
    if (queue_.empty() && stopping_) return;
    auto jobs = take();
    lock.unlock();
    commit(jobs);
    jobs.clear();
    checkpoint_if_due();
    lock.lock();
  }
}

std::vector<Writer::Job> Writer::take() {
  std::vector<Job> jobs;
  std::size_t events = 0;
  while (!queue_.empty()) {
    const std::size_t weight = std::max<std::size_t>(queue_.front().events, 1);
    if (events + weight > transaction_events_max && !jobs.empty()) break;
    events += weight;
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queue_jobs_.Set(static_cast<double>(queue_.size()));
  return jobs;
}

void Writer::commit(std::vector<Job>& jobs) {
  const char* failure = nullptr;
  if (state_ != State::writing) {
    failure = state_ == State::broken ? why_broken : why_full;
  } else if (!jobs.empty()) {
    const auto start = steady_now();
    busy_since_ = start.time_since_epoch().count();
    tables_.now = wall_now();
    try {
      Transaction transaction(*connection_, Transaction::Kind::immediate);
      for (Job& job : jobs) apply(job);
      tables_.events.store();
      transaction.commit();
      tables_.events.committed();
    } catch (const SqlError& error) {
      failure = failed(error);
    }
    busy_since_ = 0;
    commit_seconds_.Observe(since(start));
  }
  std::size_t events = 0;
  for (Job& job : jobs) {
    events += job.events;
    job.finish(failure != nullptr ? failure : job.failure);
  }
  if (events > 0 && failure == nullptr) transaction_events_.Observe(static_cast<double>(events));
  wal_bytes_.Set(static_cast<double>(wal_pages_ * wal_frame_bytes));
  tail_events_.Set(static_cast<double>(tail_.size()));
}

void Writer::apply(Job& job) {
  if (job.events > 0) return job.apply(tables_);
  savepoint_.run();
  try {
    job.apply(tables_);
  } catch (const SqlError& error) {
    // A full disk or an I/O error is no matter of this job alone, and may have ended the
    // transaction.
    if (error.primary() != SQLITE_CONSTRAINT || !connection_->in_transaction()) throw;
    log::error("store_write_failed", {{"code", error.code()}, {"error", error.what()}});
    rollback_to_.run();
    tables_.events.forget_members();
    job.failure = why_failed;
  }
  release_.run();
}

const char* Writer::failed(const SqlError& error) {
  failures_.Increment();
  tables_.events.rolled_back();
  log::error("store_transaction_failed", {{"code", error.code()}, {"error", error.what()}});
  switch (error.primary()) {
    case SQLITE_FULL:
      state_ = State::full;
      return why_full;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      state_ = State::broken;
      return why_broken;
    default:
      return why_failed;
  }
}

void Writer::checkpoint_if_due() {
  // Fewer pages than before: the WAL was started over, because all of it had been copied back.
  if (wal_pages_ < wal_pages_before_) checkpoint_at_ = checkpoint_pages;
  wal_pages_before_ = wal_pages_;
  if (wal_pages_ < checkpoint_at_ || state_ != State::writing) return;
  const auto start = steady_now();
  // A reader in the middle of the WAL keeps it from starting over; when that went on for long, wait
  // for the readers a little (the busy timeout) instead of growing for ever.
  const int mode =
      wal_pages_ >= 4 * checkpoint_pages ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), "main", mode, nullptr, nullptr);
  checkpoint_at_ = wal_pages_ + checkpoint_pages;
  checkpoint_seconds_.Observe(since(start));
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return;
  // What was committed is safe in the WAL; what comes next may not be.
  [[maybe_unused]] const char* why =
      failed(SqlError(code, std::string("checkpoint: ") + sqlite3_errmsg(connection_->handle())));
}

void Writer::extend_wal() {
  try {
    wal_space_.extend();
  } catch (const SqlError& error) {
    [[maybe_unused]] const char* why = failed(error);
  }
}

void Writer::probe() {
  try {
    const std::string bytes(probe_bytes, 'x');
    Statement(*connection_, "INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', ?1)")
        .run(std::string_view(bytes));
    connection_->execute("DELETE FROM meta WHERE key = 'probe'");
    state_ = State::writing;
    log::info("store_writes_again");
  } catch (const SqlError& error) {
    if (error.primary() != SQLITE_FULL) [[maybe_unused]]
      const char* why = failed(error);
  }
}

}  // namespace banter::store
