// Connection: one pipelined connection to PostgreSQL, asynchronous on the store's thread. Connects,
// greets, serves, and connects again whenever it is lost. Every statement is a transaction of its
// own, and answered when that has committed. Owned by PostgresStore and its parts; one thread.
// Knows no SQL of ours.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "store/postgres/values.hpp"

namespace banter::store::postgres {

struct Failure {
  // The connection is gone, or did not answer in time: what was sent may have been done. Otherwise
  // PostgreSQL refused it, and nothing was done.
  bool lost = false;
  std::string sqlstate{};  // five characters; empty: none was given
  std::string message;     // one line, without passwords
};

struct Answer {
  Rows rows;
  std::optional<Failure> failure;
  bool warned = false;  // a WARNING came with it: a commit that it speaks of may not be safe
};
using Done = std::move_only_function<void(Answer)>;

// Prepared on a connection when it is first used there.
struct Statement {
  const char* name;
  const char* sql;
};

class Connection {
 public:
  struct Options {
    std::string url;
    std::chrono::milliseconds answer_max{2'000};  // then the connection is given up
  };
  struct Events {
    // After each connect, before anybody else may use it; a failure closes it again.
    std::function<Task<std::optional<Failure>>(Connection&)> greet;
    std::function<void()> up = [] {};
    std::function<void()> down = [] {};  // after everything in flight was answered `lost`
    std::function<void(const Failure&)> failed = [](const Failure&) {};  // to connect, or to greet
  };
  Connection(Executor executor, Options options, Events events);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Answers what is in flight with `lost`; the executor runs out of work of this connection then.
  void stop();
  [[nodiscard]] bool up() const { return up_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

  // done is called later, never before this returns. Where there is no connection: `lost`.
  void send(const Statement& statement, Params params, Done done);
  [[nodiscard]] Task<Answer> ask(const Statement& statement, Params params);
  // Ends this connection, and connects anew.
  void drop(const std::string& why);

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
  struct Sent {
    Done done;
    SteadyTime deadline;
    int results = 1;  // until its sync: of the statement, and of preparing it
    Answer answer;
    const char* prepares = nullptr;
  };

  Task<> live();
  Task<std::optional<Failure>> connect();
  Task<bool> wait_for(PostgresPollingStatusType what, SteadyTime deadline);
  [[nodiscard]] std::optional<Failure> attach();
  void close();
  void flush();
  void await_readable();
  void on_readable();
  void take_results();
  void take(PGresult* result);
  void finish_front();
  void watch_front();
  void lose(const std::string& why);
  [[nodiscard]] std::string last_message() const;
  static void on_notice(void* connection, const PGresult* notice);

  Executor executor_;
  Options options_;
  Events events_;
  PGconn* handle_ = nullptr;
  std::optional<Descriptor> socket_;
  std::deque<Sent> in_flight_;
  std::set<std::string> prepared_;
  std::string lost_because_;
  Timer lost_;   // cancelled when the connection is lost
  Timer pause_;  // between two tries
  Timer watch_;  // over the deadline of the oldest in flight
  bool open_ = false;
  bool up_ = false;
  bool stopping_ = false;
  bool flushing_ = false;
  bool watching_ = false;
};

// Waits between tries to connect: from 50 ms to 2 s, and up to a half more, so that nodes that lost
// their database together do not come back together.
[[nodiscard]] std::chrono::milliseconds retry_pause(int failures);

// The SQLSTATE in a message of libpq in verbose form ("FATAL:  28P01: password …"); empty: none.
[[nodiscard]] std::string sqlstate_in(std::string_view message);

}  // namespace banter::store::postgres
