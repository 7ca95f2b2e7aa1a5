#include "relay/redis/redis_connection.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <random>
#include <utility>

namespace banter::relay {

using namespace std::chrono_literals;

namespace {

constexpr auto connect_max = 2s;
constexpr auto idle_ping_after = 500ms;  // of silence; a paused server shows within a second or so
constexpr auto ping_answer_max = 700ms;
constexpr auto watch_interval = 100ms;
constexpr std::size_t read_bytes = 64 * 1024;

std::chrono::milliseconds retry_pause(int failures) {
  const auto pause = std::min(20ms * (1 << std::min(failures, 6)), 1'000ms);
  static thread_local std::minstd_rand random{std::random_device{}()};
  return pause + std::chrono::milliseconds(
                     std::uniform_int_distribution<std::int64_t>(0, pause.count() / 2)(random));
}

// Whether an answer to a login is one that asking again does not change. Others (LOADING,
// MASTERDOWN …) pass.
bool denies(std::string_view error) {
  constexpr std::array<std::string_view, 5> lasting{"WRONGPASS", "NOAUTH", "NOPERM", "ERR AUTH",
                                                    "ERR DB index"};
  return std::ranges::any_of(lasting,
                             [&](std::string_view start) { return error.starts_with(start); });
}

}  // namespace

RedisConnection::RedisConnection(Executor executor, const RedisLogin& login, Events events)
    : executor_(executor),
      login_(login),
      events_(std::move(events)),
      output_ready_(executor),
      watch_timer_(executor),
      pause_(executor),
      ended_(executor) {}

RedisConnection::~RedisConnection() = default;

void RedisConnection::start() { boost::asio::co_spawn(executor_, live(), boost::asio::detached); }

void RedisConnection::stop() {
  stopping_ = true;
  pause_.cancel();
  lose("the relay is closing");
}

void RedisConnection::drop(const std::string& why) { lose(why); }

Task<> RedisConnection::live() {
  running_ = 0;
  int failures = 0;
  while (!stopping_) {
    const auto failure = co_await connect();
    if (!failure && !stopping_) {
      failures = 0;
      running_ = 3;
      boost::asio::co_spawn(executor_, read(), boost::asio::detached);
      boost::asio::co_spawn(executor_, write(), boost::asio::detached);
      boost::asio::co_spawn(executor_, watch(), boost::asio::detached);
      ended_.expires_at(SteadyTime::max());
      boost::system::error_code cancelled;
      co_await ended_.async_wait(boost::asio::redirect_error(use_task, cancelled));
      close();
      events_.down();
      events_.failed(lost_because_);
    } else {
      const auto why = failure.value_or(lost_because_);
      close();
      if (!stopping_) events_.failed(why);
    }
    if (stopping_) break;
    pause_.expires_after(retry_pause(failures++));
    boost::system::error_code cancelled;
    co_await pause_.async_wait(boost::asio::redirect_error(use_task, cancelled));
  }
  over_ = true;
}

// ---- the beginning

Task<std::optional<std::string>> RedisConnection::connect() {
  const auto address = co_await events_.address();
  if (!address) co_return "the master is not known";
  if (stopping_) co_return "the relay is closing";
  boost::system::error_code error;
  using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, Executor>;
  Resolver resolver(executor_);
  const auto found = co_await resolver.async_resolve(address->host, std::to_string(address->port),
                                                     boost::asio::redirect_error(use_task, error));
  if (error) co_return address->host + ": " + error.message();
  socket_.emplace(executor_);
  open_ = true;
  // One limit over all of it: a server that is paused accepts and then says nothing.
  Timer limit(executor_, connect_max);
  limit.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) lose("no connection within 2 s");
  });
  co_await boost::asio::async_connect(*socket_, found,
                                      boost::asio::redirect_error(use_task, error));
  if (error || !open_) co_return open_ ? error.message() : lost_because_;
  socket_->set_option(boost::asio::ip::tcp::no_delay(true), error);
  if (login_.tls != nullptr) {
    tls_socket_.emplace(std::move(*socket_), *login_.tls);
    SSL_set_tlsext_host_name(tls_socket_->native_handle(), address->host.c_str());
    tls_socket_->set_verify_callback(boost::asio::ssl::host_name_verification(address->host));
    co_await tls_socket_->async_handshake(boost::asio::ssl::stream_base::client,
                                          boost::asio::redirect_error(use_task, error));
    if (error || !open_) co_return open_ ? "TLS: " + error.message() : lost_because_;
  }
  auto refused = co_await log_in();
  limit.cancel();
  co_return refused;
}

Task<std::optional<std::string>> RedisConnection::log_in() {
  std::string commands;
  if (login_.password.empty()) {
    append_command(commands, {"HELLO", "3", "SETNAME", login_.name});
  } else {
    const std::string_view user = login_.user.empty() ? "default" : std::string_view(login_.user);
    append_command(commands, {"HELLO", "3", "AUTH", user, login_.password, "SETNAME", login_.name});
  }
  std::size_t expected = 1;
  if (login_.database != 0) {
    append_command(commands, {"SELECT", std::to_string(login_.database)});
    ++expected;
  }
  boost::system::error_code error;
  const auto buffer = boost::asio::buffer(commands);
  if (tls_socket_) {
    co_await boost::asio::async_write(*tls_socket_, buffer,
                                      boost::asio::redirect_error(use_task, error));
  } else {
    co_await boost::asio::async_write(*socket_, buffer,
                                      boost::asio::redirect_error(use_task, error));
  }
  RedisReplies replies;
  std::array<char, 4096> input{};
  while (!error && open_ && replies.size() < expected) {
    const auto space = boost::asio::buffer(input);
    const auto got = tls_socket_ ? co_await tls_socket_->async_read_some(
                                       space, boost::asio::redirect_error(use_task, error))
                                 : co_await socket_->async_read_some(
                                       space, boost::asio::redirect_error(use_task, error));
    parser_.feed({input.data(), got});
    while (auto value = parser_.next()) replies.push_back(*std::move(value));
    if (parser_.failed()) co_return "what answers is no Redis";
  }
  if (!open_) co_return lost_because_;
  if (error) co_return error.message();
  for (const auto& reply : replies) {
    if (!reply.is_error()) continue;
    if (denies(reply.text)) events_.denied(reply.text);
    co_return reply.text;
  }
  up_ = true;
  static std::atomic<std::uint64_t> generations = 0;
  generation_ = ++generations;
  heard_at_ = steady_now();
  events_.up(replies[0]);
  co_return std::nullopt;
}

void RedisConnection::close() {
  open_ = false;
  up_ = false;
  tls_socket_.reset();
  socket_.reset();
  parser_ = {};
  output_.clear();
  for (auto& each : std::exchange(waiting_, {})) {
    boost::asio::post(executor_, [done = std::move(each.done)]() mutable { done({}); });
  }
}

void RedisConnection::lose(const std::string& why) {
  if (!open_) return;
  open_ = false;
  lost_because_ = why;
  boost::system::error_code ignored;
  if (tls_socket_) tls_socket_->lowest_layer().close(ignored);
  if (socket_) socket_->close(ignored);
  watch_timer_.cancel();
  output_ready_.cancel();
}

// ---- out

void RedisConnection::send(std::string_view commands, std::size_t replies,
                           std::chrono::milliseconds limit, RedisDone done) {
  if (!up_ || !open_) {
    boost::asio::post(executor_, [done = std::move(done)]() mutable { done({}); });
    return;
  }
  output_ += commands;
  waiting_.push_back(
      {.replies = replies, .deadline = steady_now() + limit, .got = {}, .done = std::move(done)});
  wake_writer();
}

void RedisConnection::send_for_pushes(std::string_view commands) {
  if (!up_ || !open_) return;
  output_ += commands;
  wake_writer();
}

void RedisConnection::wake_writer() { output_ready_.cancel(); }

Task<> RedisConnection::write() {
  std::string writing;
  while (open_) {
    if (output_.empty()) {
      output_ready_.expires_at(SteadyTime::max());
      boost::system::error_code cancelled;
      co_await output_ready_.async_wait(boost::asio::redirect_error(use_task, cancelled));
      continue;
    }
    writing.clear();
    std::swap(writing, output_);
    boost::system::error_code error;
    const auto buffer = boost::asio::buffer(writing);
    if (tls_socket_) {
      co_await boost::asio::async_write(*tls_socket_, buffer,
                                        boost::asio::redirect_error(use_task, error));
    } else {
      co_await boost::asio::async_write(*socket_, buffer,
                                        boost::asio::redirect_error(use_task, error));
    }
    if (error) lose(error.message());
  }
  if (--running_ == 0) ended_.cancel();
}

// ---- in

Task<> RedisConnection::read() {
  std::vector<char> input(read_bytes);
  while (open_) {
    boost::system::error_code error;
    const auto space = boost::asio::buffer(input);
    const auto got = tls_socket_ ? co_await tls_socket_->async_read_some(
                                       space, boost::asio::redirect_error(use_task, error))
                                 : co_await socket_->async_read_some(
                                       space, boost::asio::redirect_error(use_task, error));
    if (error) {
      lose(error.message());
      break;
    }
    heard_at_ = steady_now();
    parser_.feed({input.data(), got});
    while (auto value = parser_.next()) take(*std::move(value));
    events_.read_done();
    if (parser_.failed()) lose("Redis sent what is no reply");
  }
  if (--running_ == 0) ended_.cancel();
}

void RedisConnection::take(RespValue value) {
  if (value.kind == RespValue::Kind::push) return events_.push(std::move(value));
  // Subscribing brings no reply but an error, so where pushes are asked for every error is of that.
  if (value.is_error() && events_.refused) return events_.refused(value.text);
  if (waiting_.empty()) return lose("Redis sent a reply that nobody waits for");
  Waiting& front = waiting_.front();
  front.got.push_back(std::move(value));
  if (front.got.size() < front.replies) return;
  Waiting whole = std::move(front);
  waiting_.pop_front();
  whole.done(std::move(whole.got));
}

// Notices a server that is there but does not answer.
Task<> RedisConnection::watch() {
  pinged_ = false;
  while (open_) {
    watch_timer_.expires_after(watch_interval);
    boost::system::error_code cancelled;
    co_await watch_timer_.async_wait(boost::asio::redirect_error(use_task, cancelled));
    if (!open_) break;
    const auto now = steady_now();
    if (!waiting_.empty() && waiting_.front().deadline < now) {
      lose("Redis did not answer in time");
    } else if (!pinged_ && waiting_.empty() && now - heard_at_ > idle_ping_after) {
      std::string ping;
      append_command(ping, {"PING"});
      pinged_ = true;
      send(ping, 1, ping_answer_max, [this](const RedisReplies&) { pinged_ = false; });
    }
  }
  if (--running_ == 0) ended_.cancel();
}

}  // namespace banter::relay
