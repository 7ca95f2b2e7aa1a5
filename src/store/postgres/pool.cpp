#include "store/postgres/pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace banter::store::postgres {

using namespace std::chrono_literals;

namespace {

constexpr auto append_max = 2s;  // docs/protocol.md: then `unavailable`
constexpr auto expiry_interval = 50ms;
constexpr auto watch_interval = 500ms;
constexpr auto watch_stale = 1'500ms;  // no answer for so long: not healthy
constexpr auto down_told_every = 60s;
constexpr auto leave_max = 500ms;

const std::vector<double> event_buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
const std::vector<double> second_buckets{0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
                                         0.02,   0.05,   0.1,   0.5,   2};

}  // namespace

Pool::Pool(Options options, base::Metrics& metrics)
    : options_(std::move(options)),
      work_(boost::asio::make_work_guard(context_)),
      expiry_(context_.get_executor()),
      watch_timer_(context_.get_executor()),
      connected_(
          metrics.gauge("banter_store_connected", "Connections to the database that are up")),
      durability_gauge_(metrics.gauge(
          "banter_durability",
          "How safe a commit is: 0 unknown, 1 weak, 2 on one disk, 3 on standbys too")),
      losses_(metrics.counter("banter_store_connections_lost_total",
                              "Connections to the database that were lost")),
      retries_(metrics.counter("banter_store_append_retries_total",
                               "Batches that were sent again because their fate was unknown")),
      unknown_(metrics.counter("banter_store_unknown_total",
                               "Events whose fate was unknown when their time was up")),
      transaction_events_(metrics.histogram("banter_store_transaction_events",
                                            "Events in one transaction", event_buckets)),
      commit_seconds_(metrics.histogram("banter_store_commit_seconds",
                                        "One transaction, from its begin to stable storage",
                                        second_buckets)),
      read_seconds_(metrics.histogram("banter_store_read_seconds",
                                      "One question to the store, without the wait for a thread",
                                      second_buckets)) {
  const auto executor = context_.get_executor();
  const Connection::Options connection{.url = options_.start.url};
  watcher_ = std::make_unique<Connection>(executor, connection, events(true));
  for (auto& query : queries_) {
    query = std::make_unique<Connection>(executor, connection, events(false));
  }
  for (auto& lane : lanes_) {
    lane = std::make_unique<AppendLane>(
        connection, executor, events(false),
        AppendLane::Counters{.committed =
                                 [this](std::size_t events, double seconds) {
                                   transaction_events_.Observe(static_cast<double>(events));
                                   commit_seconds_.Observe(seconds);
                                 },
                             .retried = [this] { retries_.Increment(); }});
  }
}

Pool::~Pool() {
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] { close(); });
  thread_.join();
}

void Pool::start() {
  boost::asio::post(context_, [this] { watcher_->start(); });
  boost::asio::co_spawn(context_, keep_watch(), boost::asio::detached);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "store");
    context_.run();
  });
}

void Pool::close() {
  const bool entered = state_ == State::serving || state_ == State::renewing;
  state_ = State::closed;
  for (auto& lane : lanes_) lane->stop();
  for (auto& query : queries_) query->stop();
  for (auto& call : calls_) {
    if (const auto open = call.lock()) open->give_up();
  }
  expiry_.cancel();
  watch_timer_.cancel();
  work_.reset();
  if (entered && watcher_->up()) {
    boost::asio::co_spawn(context_, leave(), boost::asio::detached);
  } else {
    watcher_->stop();
  }
}

// So that a node with another key need not wait until this one is forgotten.
Task<> Pool::leave() {
  Timer limit(context_.get_executor(), leave_max);
  limit.async_wait([this](boost::system::error_code error) {
    if (!error) watcher_->stop();
  });
  Params params;
  params.text(options_.start.node);
  const auto answer = co_await watcher_->ask(leave_statement, std::move(params));
  if (answer.failure) log::debug("store_not_left", {{"error", answer.failure->message}});
  limit.cancel();
  watcher_->stop();
}

// ---- connections

Connection::Events Pool::events(bool watching) {
  return {.greet = [this, watching](Connection& connection) { return greet(connection, watching); },
          .up =
              [this, watching] {
                connected_.Set(static_cast<double>(++up_));
                tell_up();
                if (watching) watch_timer_.cancel();  // at once
              },
          .down =
              [this] {
                connected_.Set(static_cast<double>(--up_));
                if (state_ != State::closed) losses_.Increment();
              },
          .failed = [this](const Failure& failure) { tell_failure(failure); }};
}

Task<std::optional<Failure>> Pool::greet(Connection& connection, bool watching) {
  const auto greeting = co_await postgres::greet(connection);
  if (!greeting) co_return greeting.error();
  durability_ = greeting->durability;
  durability_gauge_.Set(static_cast<double>(greeting->durability));
  if (greeting->durability == chat::Durability::weak && !options_.allow_weak_durability) {
    const std::string why =
        "PostgreSQL may lose what it confirmed: fsync, full_page_writes or synchronous_commit is "
        "off. Turn them on (--allow-weak-durability is for tests)";
    if (!admitted_) refuse({.kind = OpenFailure::Kind::denied, .detail = why});
    co_return Failure{.lost = true, .message = why};
  }
  if (!admitted_) {
    ASSERT(watching, "the others are started when the database was found fit");
    co_return co_await admit(connection);
  }
  auto answer = co_await connection.ask(epoch_statement, {});
  if (answer.failure) co_return std::move(answer.failure);
  learn_epoch(std::string(answer.rows.bytes(0, 0)));
  co_return std::nullopt;
}

Task<std::optional<Failure>> Pool::admit(Connection& connection) {
  auto epoch = co_await postgres::start(connection, options_.start);
  if (!epoch) {
    if (auto* refusal = std::get_if<Refusal>(&epoch.error())) {
      refuse(refusal->why);
      co_return Failure{.lost = true, .message = refusal->why.detail};
    }
    co_return std::get<Failure>(epoch.error());
  }
  if (state_ != State::starting) co_return Failure{.lost = true, .message = "the store is closing"};
  admitted_ = true;
  for (auto& query : queries_) query->start();
  for (auto& lane : lanes_) lane->start();
  state_ = State::serving;
  learn_epoch(*std::move(epoch));
  co_return std::nullopt;
}

void Pool::refuse(const OpenFailure& failure) {
  if (state_ != State::starting) return;
  state_ = State::refused;
  options_.refused(failure);
}

// Once, and then rarely: a database that is away for an hour fails some thousand times.
void Pool::tell_failure(const Failure& failure) {
  {
    const std::scoped_lock lock(mutex_);
    last_failure_ = failure.message;
  }
  if (!admitted_ && state_ == State::starting) {
    if (auto refusal = refusal_of(failure)) return refuse(*refusal);
  }
  if (state_ == State::closed || state_ == State::refused) return;
  const auto now = steady_now();
  if (told_down_at_ && now - *told_down_at_ < down_told_every) return;
  told_down_at_ = now;
  log::warn("store_unreachable", {{"reason", failure.message}});
}

void Pool::tell_up() {
  if (!told_down_at_) return;
  told_down_at_.reset();
  log::info("store_reached", {});
}

// ---- epochs

std::string Pool::epoch() const {
  const std::scoped_lock lock(mutex_);
  return epoch_;
}

std::string Pool::last_failure() const {
  const std::scoped_lock lock(mutex_);
  return last_failure_;
}

void Pool::on_new_epoch(chat::ConversationStore::Renew renew) {
  const std::scoped_lock lock(mutex_);
  renew_ = std::move(renew);
}

void Pool::learn_epoch(std::string epoch) {
  if (state_ == State::renewing) {
    next_epoch_ = std::move(epoch);
    return;
  }
  if (state_ != State::serving || epoch == this->epoch()) return;
  state_ = State::renewing;
  next_epoch_ = std::move(epoch);
  if (!this->epoch().empty()) log::warn("store_epoch_changed", {});
  for (auto& lane : lanes_) lane->forget();
  for (auto& call : std::exchange(calls_, {})) {
    if (const auto open = call.lock()) open->give_up();
  }
  chat::ConversationStore::Renew renew;
  {
    const std::scoped_lock lock(mutex_);
    renew = renew_;
  }
  if (!renew) return resume();
  renew(next_epoch_, [this] { boost::asio::post(context_, [this] { resume(); }); });
}

void Pool::resume() {
  if (state_ != State::renewing) return;
  {
    const std::scoped_lock lock(mutex_);
    epoch_ = next_epoch_;
  }
  state_ = State::serving;
}

// ---- watching

Task<> Pool::keep_watch() {
  while (state_ != State::closed) {
    if (watcher_->up() && co_await options_.watch(*watcher_)) {
      const auto epoch = co_await watcher_->ask(epoch_statement, {});
      if (!epoch.failure) {
        learn_epoch(std::string(epoch.rows.bytes(0, 0)));
        watched_at_ = steady_now().time_since_epoch().count();
      }
    }
    if (state_ == State::closed) break;
    watch_timer_.expires_after(watch_interval);
    boost::system::error_code cancelled;
    co_await watch_timer_.async_wait(boost::asio::redirect_error(use_task, cancelled));
  }
}

bool Pool::healthy() const {
  const SteadyTime watched{SteadyTime::duration(watched_at_.load())};
  return state_ == State::serving && up_ == 1 + lane_count + query_count &&
         steady_now() - watched < watch_stale;
}

// ---- calls

void Pool::ask(Use use, const Statement& statement, Params params, Done done) {
  const auto refuse = [&](const char* why) {
    done({.rows = {}, .failure = Failure{.lost = true, .message = why}});
  };
  if (state_ == State::renewing) return refuse("another epoch is being announced");
  if (state_ != State::serving) return refuse("not connected yet");
  Connection* connection = watcher_.get();
  if (use == Use::query) {
    connection = std::ranges::min_element(queries_, {}, [](const auto& query) {
                   return query->up() ? query->in_flight() : SIZE_MAX;
                 })->get();
  }
  if (!connection->up()) return refuse("no connection");
  connection->send(
      statement, std::move(params),
      [this, begun = steady_now(), name = statement.name,
       done = std::move(done)](Answer answer) mutable {
        if (!answer.failure) {
          read_seconds_.Observe(std::chrono::duration<double>(steady_now() - begun).count());
        } else if (!answer.failure->lost) {
          log::error("store_statement_failed", {{"statement", name},
                                                {"sqlstate", answer.failure->sqlstate},
                                                {"error", answer.failure->message}});
        }
        done(std::move(answer));
      });
}

Task<std::vector<chat::AppendResult>> Pool::append(std::span<const chat::PendingEvent> batch) {
  using Results = std::vector<chat::AppendResult>;
  auto results = co_await boost::asio::async_initiate<const decltype(use_task),
                                                      void(std::shared_ptr<Results>)>(
      [this, batch](auto handler) {
        auto executor = boost::asio::get_associated_executor(handler);
        AppendCall::Answered answered = [executor,
                                         handler = std::move(handler)](Results got) mutable {
          boost::asio::post(executor, [got = std::make_shared<Results>(std::move(got)),
                                       handler = std::move(handler)]() mutable {
            std::move(handler)(std::move(got));
          });
        };
        boost::asio::post(context_, [this, batch, answered = std::move(answered)]() mutable {
          append_here(batch, std::move(answered));
        });
      },
      use_task);
  if (results->empty()) throw Unavailable("database: not connected");
  co_return std::move(*results);
}

void Pool::append_here(std::span<const chat::PendingEvent> batch, AppendCall::Answered answered) {
  if (state_ != State::serving) return answered({});
  const auto deadline = steady_now() + append_max;
  auto call = std::make_shared<AppendCall>(batch, deadline, std::move(answered));
  std::array<std::vector<std::uint32_t>, lane_count> shares;
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    shares[std::hash<ConversationId>{}(batch[i].conversation) % lane_count].push_back(i);
  }
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    if (!shares[lane].empty()) lanes_[lane]->append(call, std::move(shares[lane]));
  }
  calls_.push_back(call);
  expire_calls();
}

void Pool::expire_calls() {
  if (expiring_) return;
  expiring_ = true;
  expiry_.expires_after(expiry_interval);
  expiry_.async_wait([this](boost::system::error_code error) {
    expiring_ = false;
    if (error) return;
    const auto now = steady_now();
    while (!calls_.empty()) {
      const auto call = calls_.front().lock();
      if (call && !call->answered() && call->deadline() > now) break;
      if (call) unknown_.Increment(static_cast<double>(call->give_up()));
      calls_.pop_front();
    }
    if (!calls_.empty()) expire_calls();
  });
}

}  // namespace banter::store::postgres
