#include "store/postgres/connection.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>
#include <random>
#include <system_error>
#include <utility>

#include "base/assert.hpp"

namespace banter::store::postgres {

using namespace std::chrono_literals;

namespace {

constexpr auto connect_max = 5s;
constexpr int pipeline_max = 4'096;  // statements in flight; past it a connection is of no use

// What we want unless the URL says otherwise; a URL may come after them and wins.
constexpr std::array defaults{
    std::pair{"fallback_application_name", "banter"},
    std::pair{"connect_timeout", "5"},
    std::pair{"target_session_attrs", "read-write"},
    std::pair{"keepalives_idle", "5"},
    std::pair{"keepalives_interval", "2"},
    std::pair{"keepalives_count", "3"},
    std::pair{"tcp_user_timeout", "5000"},
};

PGconn* begin_connecting(const std::string& url) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : defaults) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back("dbname");
  values.push_back(url.c_str());
  names.push_back("client_encoding");
  values.push_back("UTF8");
  names.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectStartParams(names.data(), values.data(), 1);
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '\n') {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

std::chrono::milliseconds retry_pause(int failures) {
  const auto pause = std::min(50ms * (1 << std::min(failures, 6)), 2'000ms);
  static thread_local std::minstd_rand random{std::random_device{}()};
  return pause + std::chrono::milliseconds(
                     std::uniform_int_distribution<std::int64_t>(0, pause.count() / 2)(random));
}

std::string sqlstate_in(std::string_view message) {
  const auto is_code = [](std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  };
  for (auto at = message.find(":  "); at != std::string_view::npos;
       at = message.find(":  ", at + 1)) {
    const auto code = message.substr(at + 3, 5);
    if (code.size() == 5 && is_code(code) && message.substr(at + 8, 1) == ":") {
      return std::string(code);
    }
  }
  return {};
}

Connection::Connection(Executor executor, Options options, Events events)
    : executor_(executor),
      options_(std::move(options)),
      events_(std::move(events)),
      lost_(executor),
      pause_(executor),
      watch_(executor) {}

Connection::~Connection() { close(); }

void Connection::start() { boost::asio::co_spawn(executor_, live(), boost::asio::detached); }

void Connection::stop() {
  if (stopping_) return;
  stopping_ = true;
  pause_.cancel();
  lose("the store is closing");
  boost::system::error_code ignored;
  if (socket_) socket_->cancel(ignored);  // while it connects
}

// ---- life

Task<> Connection::live() {
  int failures = 0;
  while (!stopping_) {
    auto failure = co_await connect();
    if (!failure && !stopping_) failure = co_await events_.greet(*this);
    if (!failure && open_ && !stopping_) {
      failures = 0;
      up_ = true;
      events_.up();
      lost_.expires_at(SteadyTime::max());
      boost::system::error_code cancelled;
      if (open_) co_await lost_.async_wait(boost::asio::redirect_error(use_task, cancelled));
      up_ = false;
      events_.down();
    } else if (!stopping_) {
      events_.failed(failure.value_or(Failure{.lost = true, .message = lost_because_}));
    }
    close();
    if (stopping_) break;
    pause_.expires_after(retry_pause(failures++));
    boost::system::error_code cancelled;
    co_await pause_.async_wait(boost::asio::redirect_error(use_task, cancelled));
  }
}

Task<std::optional<Failure>> Connection::connect() {
  handle_ = begin_connecting(options_.url);
  if (handle_ == nullptr) co_return Failure{.lost = true, .message = "out of memory"};
  PQsetErrorVerbosity(handle_, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(handle_, &Connection::on_notice, this);
  const SteadyTime deadline = steady_now() + connect_max;
  auto state = PQstatus(handle_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) {
      const auto said = last_message();
      co_return Failure{.lost = true, .sqlstate = sqlstate_in(said), .message = said};
    }
    if (auto failure = attach()) co_return failure;
    if (!co_await wait_for(state, deadline)) {
      co_return Failure{.lost = true, .message = "no connection within 5 s"};
    }
    state = PQconnectPoll(handle_);
  }
  if (auto failure = attach()) co_return failure;
  if (PQsetnonblocking(handle_, 1) != 0 || PQenterPipelineMode(handle_) != 1) {
    co_return Failure{.lost = true, .message = last_message()};
  }
  PQsetErrorVerbosity(handle_, PQERRORS_DEFAULT);
  open_ = true;
  await_readable();
  co_return std::nullopt;
}

// libpq may have taken another socket since (several hosts, or without TLS after all), and it
// closes its descriptor as soon as it fails. Ours is a second one of the same socket: the number of
// a closed one may be another connection's by the time the reactor is told to forget it.
std::optional<Failure> Connection::attach() {
  const int own = ::fcntl(PQsocket(handle_), F_DUPFD_CLOEXEC, 0);
  if (own < 0) {
    return Failure{.lost = true, .message = std::system_category().message(errno)};
  }
  socket_.emplace(executor_, own);
  return std::nullopt;
}

Task<bool> Connection::wait_for(PostgresPollingStatusType what, SteadyTime deadline) {
  if (stopping_) co_return false;
  watch_.expires_at(deadline);
  watch_.async_wait([this](boost::system::error_code error) {
    boost::system::error_code ignored;
    if (!error && socket_) socket_->cancel(ignored);
  });
  boost::system::error_code error;
  co_await socket_->async_wait(
      what == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write,
      boost::asio::redirect_error(use_task, error));
  watch_.cancel();
  co_return !error;
}

void Connection::close() {
  open_ = false;
  watching_ = false;
  flushing_ = false;
  prepared_.clear();
  watch_.cancel();
  socket_.reset();
  if (handle_ != nullptr) PQfinish(std::exchange(handle_, nullptr));
}

void Connection::drop(const std::string& why) { lose(why); }

// What was in flight learns of it later: whoever calls this may be in the middle of sending.
void Connection::lose(const std::string& why) {
  if (!open_) return;
  open_ = false;
  lost_because_ = why;
  boost::system::error_code ignored;
  if (socket_) socket_->cancel(ignored);
  watch_.cancel();
  for (auto& sent : std::exchange(in_flight_, {})) {
    boost::asio::post(executor_, [done = std::move(sent.done), why]() mutable {
      done({.rows = {}, .failure = Failure{.lost = true, .message = why}});
    });
  }
  // Behind them, so that `down` comes last.
  boost::asio::post(executor_, [this] { lost_.cancel(); });
}

// ---- statements

void Connection::send(const Statement& statement, Params params, Done done) {
  Sent sent{.done = std::move(done),
            .deadline = steady_now() + options_.answer_max,
            .results = 1,
            .answer = {},
            .prepares = nullptr};
  const auto refuse = [&](std::string why) {
    boost::asio::post(executor_, [done = std::move(sent.done), why = std::move(why)]() mutable {
      done({.rows = {}, .failure = Failure{.lost = true, .message = why}});
    });
  };
  if (!open_) return refuse("no connection to the database");
  if (in_flight_.size() >= pipeline_max) return refuse("too many statements in flight");
  bool good = true;
  if (!prepared_.contains(statement.name)) {
    good = PQsendPrepare(handle_, statement.name, statement.sql, 0, nullptr) == 1;
    prepared_.insert(statement.name);
    sent.prepares = statement.name;
    sent.results = 2;
  }
  good = good && PQsendQueryPrepared(handle_, statement.name, params.count(), params.pointers(),
                                     params.lengths(), params.formats(), 1) == 1;
  good = good && PQpipelineSync(handle_) == 1;
  in_flight_.push_back(std::move(sent));
  if (!good) return lose(last_message());
  watch_front();
  flush();
}

Task<Answer> Connection::ask(const Statement& statement, Params params) {
  auto answer =
      co_await boost::asio::async_initiate<const decltype(use_task), void(std::shared_ptr<Answer>)>(
          [this, &statement](auto handler, Params given) {
            send(statement, std::move(given), [handler = std::move(handler)](Answer got) mutable {
              std::move(handler)(std::make_shared<Answer>(std::move(got)));
            });
          },
          use_task, std::move(params));
  co_return std::move(*answer);
}

void Connection::flush() {
  if (!open_ || flushing_) return;
  const int left = PQflush(handle_);
  if (left < 0) return lose(last_message());
  if (left == 0) return;
  flushing_ = true;
  socket_->async_wait(Descriptor::wait_write, [this](boost::system::error_code error) {
    if (error) return;
    flushing_ = false;
    flush();
  });
}

// One timer however many are in flight: it looks at the oldest when that could be late.
void Connection::watch_front() {
  if (watching_ || in_flight_.empty()) return;
  watching_ = true;
  watch_.expires_at(in_flight_.front().deadline);
  watch_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    watching_ = false;
    if (!in_flight_.empty() && in_flight_.front().deadline <= steady_now()) {
      return lose("the database did not answer in time");
    }
    watch_front();
  });
}

// ---- answers

void Connection::await_readable() {
  socket_->async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    if (!error && open_) on_readable();
  });
}

void Connection::on_readable() {
  if (PQconsumeInput(handle_) != 1) return lose(last_message());
  take_results();
  if (!open_) return;
  flush();  // input may have made room for output
  if (open_) await_readable();
}

// In pipeline mode each statement's results end with a null, and its sync is a result of its own.
void Connection::take_results() {
  while (open_ && !in_flight_.empty() && PQisBusy(handle_) == 0) {
    PGresult* result = PQgetResult(handle_);
    if (result != nullptr) {
      take(result);
    } else if (PQstatus(handle_) == CONNECTION_BAD) {
      lose(last_message());
    }
  }
}

void Connection::take(PGresult* result) {
  Rows rows(result);
  Sent& front = in_flight_.front();
  const auto status = PQresultStatus(result);
  if (status == PGRES_PIPELINE_SYNC) return finish_front();
  --front.results;
  if (status == PGRES_TUPLES_OK && front.results == 0) {
    front.answer.rows = std::move(rows);
  } else if (status == PGRES_FATAL_ERROR && !front.answer.failure) {
    const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char* words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    front.answer.failure = Failure{
        // FATAL and PANIC end the connection, perhaps in the middle of a commit.
        .lost = code == nullptr || severity == nullptr || std::strcmp(severity, "ERROR") != 0,
        .sqlstate = code == nullptr ? "" : code,
        .message = one_line(words == nullptr ? PQresultErrorMessage(result) : words)};
  }
}

void Connection::finish_front() {
  Sent sent = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (sent.answer.failure && sent.prepares != nullptr) prepared_.erase(sent.prepares);
  sent.done(std::move(sent.answer));
}

void Connection::on_notice(void* connection, const PGresult* notice) {
  auto& self = *static_cast<Connection*>(connection);
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const bool harmless = severity != nullptr && std::strcmp(severity, "WARNING") != 0;
  if (!harmless && !self.in_flight_.empty()) self.in_flight_.front().answer.warned = true;
}

std::string Connection::last_message() const {
  return handle_ == nullptr ? std::string() : one_line(PQerrorMessage(handle_));
}

}  // namespace banter::store::postgres
