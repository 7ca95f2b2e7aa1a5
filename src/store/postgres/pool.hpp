// Pool: the store's thread and its connections: lanes for appends, a few for everything else, and
// one that watches, so that what is asked every half second never waits behind a reader. Knows
// whether the store serves: not before its database was found fit (startup), and not while another
// epoch is being announced. Owned by PostgresStore; query() and append() from any thread.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "base/unavailable.hpp"
#include "chat/ports.hpp"
#include "store/postgres/append_lane.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/startup.hpp"

namespace banter::store::postgres {

class Pool {
 public:
  struct Options {
    StartOptions start;
    bool allow_weak_durability = false;
    // Called once, on the store's thread, when the database can never be served from as it is.
    std::function<void(const OpenFailure&)> refused = [](const OpenFailure&) {};
    // Called on the store's thread, twice a second, over the watching connection.
    std::function<Task<bool>(Connection&)> watch;
  };
  Pool(Options options, base::Metrics& metrics);
  ~Pool();  // what waits is answered Unavailable
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  void start();

  // Runs one statement; parse(Rows) makes the result, on the store's thread. Throws Unavailable.
  template <class Parse>
  [[nodiscard]] Task<std::invoke_result_t<Parse&, const Rows&>> query(const Statement& statement,
                                                                      Params params, Parse parse) {
    return submit(Use::query, statement, std::move(params), std::move(parse));
  }
  // The same over the watching connection.
  template <class Parse>
  [[nodiscard]] Task<std::invoke_result_t<Parse&, const Rows&>> ask_aside(
      const Statement& statement, Params params, Parse parse) {
    return submit(Use::watch, statement, std::move(params), std::move(parse));
  }
  [[nodiscard]] Task<std::vector<chat::AppendResult>> append(
      std::span<const chat::PendingEvent> batch);

  // Any thread.
  [[nodiscard]] bool healthy() const;
  [[nodiscard]] chat::Durability durability() const { return durability_; }
  [[nodiscard]] std::string epoch() const;
  // Why there was no connection the last time; empty: there always was one.
  [[nodiscard]] std::string last_failure() const;
  void on_new_epoch(chat::ConversationStore::Renew renew);

 private:
  static constexpr std::size_t lane_count = 4;
  static constexpr std::size_t query_count = 2;
  enum class Use : std::uint8_t { query, watch };
  // Calls fail at once unless it is `serving`.
  enum class State : std::uint8_t { starting, serving, renewing, refused, closed };

  template <class T>
  struct Outcome {
    std::optional<T> value;
    std::string failure;
  };
  template <class Parse>
  Task<std::invoke_result_t<Parse&, const Rows&>> submit(Use use, const Statement& statement,
                                                         Params params, Parse parse);
  // On the store's thread.
  void ask(Use use, const Statement& statement, Params params, Done done);
  void append_here(std::span<const chat::PendingEvent> batch, AppendCall::Answered answered);

  [[nodiscard]] Connection::Events events(bool watching);
  Task<std::optional<Failure>> greet(Connection& connection, bool watching);
  Task<std::optional<Failure>> admit(Connection& connection);
  void learn_epoch(std::string epoch);
  void resume();
  void refuse(const OpenFailure& failure);
  void tell_failure(const Failure& failure);
  void tell_up();
  Task<> keep_watch();
  void expire_calls();
  void close();
  Task<> leave();

  Options options_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_;
  std::array<std::unique_ptr<AppendLane>, lane_count> lanes_;
  std::array<std::unique_ptr<Connection>, query_count> queries_;
  std::unique_ptr<Connection> watcher_;
  std::deque<std::weak_ptr<AppendCall>> calls_;  // by deadline
  Timer expiry_;
  Timer watch_timer_;
  bool expiring_ = false;
  bool admitted_ = false;  // the database was found fit once
  std::optional<SteadyTime> told_down_at_;
  std::string next_epoch_;  // while renewing

  std::atomic<State> state_ = State::starting;
  std::atomic<chat::Durability> durability_ = chat::Durability::unknown;
  std::atomic<std::size_t> up_ = 0;  // connections
  std::atomic<SteadyTime::rep> watched_at_ = 0;
  mutable std::mutex mutex_;  // over the next three
  std::string epoch_;
  std::string last_failure_;
  chat::ConversationStore::Renew renew_;

  prometheus::Gauge& connected_;
  prometheus::Gauge& durability_gauge_;
  prometheus::Counter& losses_;
  prometheus::Counter& retries_;
  prometheus::Counter& unknown_;
  prometheus::Histogram& transaction_events_;
  prometheus::Histogram& commit_seconds_;
  prometheus::Histogram& read_seconds_;

  std::thread thread_;  // last: it uses the rest
};

template <class Parse>
Task<std::invoke_result_t<Parse&, const Rows&>> Pool::submit(Use use, const Statement& statement,
                                                             Params params, Parse parse) {
  using Result = std::invoke_result_t<Parse&, const Rows&>;
  auto outcome = co_await boost::asio::async_initiate<const decltype(use_task),
                                                      void(std::shared_ptr<Outcome<Result>>)>(
      [this, use, &statement](auto handler, Params given, Parse make) {
        auto executor = boost::asio::get_associated_executor(handler);
        Done done = [executor, make = std::move(make),
                     handler = std::move(handler)](Answer answer) mutable {
          auto got = std::make_shared<Outcome<Result>>();
          if (answer.failure) {
            got->failure = answer.failure->message;
          } else {
            got->value.emplace(make(answer.rows));
          }
          boost::asio::post(executor,
                            [got = std::move(got), handler = std::move(handler)]() mutable {
                              std::move(handler)(std::move(got));
                            });
        };
        boost::asio::post(context_, [this, use, &statement, given = std::move(given),
                                     done = std::move(done)]() mutable {
          ask(use, statement, std::move(given), std::move(done));
        });
      },
      use_task, std::move(params), std::move(parse));
  if (!outcome->value) throw Unavailable("database: " + outcome->failure);
  co_return *std::move(outcome->value);
}

}  // namespace banter::store::postgres
