#include "http/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "base/reactor.hpp"
#include "http/connections.hpp"
#include "http/health.hpp"
#include "http/outcome.hpp"
#include "http/response_text.hpp"
#include "http/router.hpp"

namespace banter::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t unread_bytes_max = 16 * 1024;   // beyond it, while busy, reading pauses
constexpr std::size_t unsent_bytes_max = 256 * 1024;  // beyond it no further request is begun
constexpr int requests_per_turn_max = 32;             // pipelined; then others have their turn
constexpr std::size_t kept_capacity_max = 4 * 1024;   // of buffers between requests
constexpr auto unsent_time_max = 30s;                 // a client that takes nothing is closed

}  // namespace

Connection::Connection(Connections& owner) : owner_(owner) {}
Connection::~Connection() = default;

void Connection::on_open(base::Stream& stream) {
  stream_ = &stream;
  since_ = stream.reactor().turn_time();
  request_.peer = parse_address(stream.peer_address()).value_or(Address{});
  owner_.enter(*this);
}

void Connection::on_closed() {
  stream_ = nullptr;
  state_ = State::finished;
  owner_.leave(*this);
}

void Connection::on_input(std::span<char> bytes) {
  input_.append(bytes.data(), bytes.size());
  if (state_ == State::busy || continuing_) {
    if (unread().size() > unread_bytes_max) stream_->pause_reading();
    return;
  }
  advance();
}

// A peer that sent its requests and closed its half still gets the answers.
void Connection::on_end() {
  ended_ = true;
  stream_->pause_reading();
  advance();
}

void Connection::on_drained() {
  if (granted_) {
    hand_over();
  } else if (state_ == State::head) {
    advance();
  }
}

void Connection::on_tick(SteadyTime now) {
  if (stream_->outbox_bytes() > 0 && now - stream_->stalled_since() > unsent_time_max) {
    stream_->close();
  } else if (state_ == State::head && unread().empty()) {
    if (now - since_ > chat::keep_alive_idle_max) stream_->close();
  } else if ((state_ == State::head && now - since_ > chat::head_time_max) ||
             (state_ == State::body && now - since_ > chat::body_time_max)) {
    refuse(wire::answer(wire::HttpError::request_timeout));
  }
}

void Connection::drain() {
  if (stream_ != nullptr && state_ == State::head && unread().empty()) end_after_flush();
}

// ---- input

void Connection::advance() {
  // An answer that was made at once: the loop below goes on. Or others have their turn first.
  if (advancing_ || continuing_) return;
  advancing_ = true;
  answered_ = 0;
  while (stream_ != nullptr && answered_ < requests_per_turn_max && step()) {
  }
  advancing_ = false;
  if (stream_ == nullptr) return;
  if (answered_ == requests_per_turn_max && state_ == State::head) continue_later();
  settle();
}

void Connection::continue_later() {
  continuing_ = true;
  stream_->reactor().post([self = shared_from_this()] {
    self->continuing_ = false;
    if (self->stream_ != nullptr) self->advance();
  });
}

bool Connection::step() {
  if (state_ == State::head) return read_head();
  if (state_ == State::body) return read_body();
  return false;
}

bool Connection::read_head() {
  if (unread().empty() || stream_->outbox_bytes() > unsent_bytes_max) return false;
  if (seen_ == 0) since_ = stream_->reactor().turn_time();
  const auto end = find_head_end(unread(), seen_);
  const auto bytes_max = owner_.services_.options.head_bytes_max;
  const bool complete = end.state == HeadEnd::State::complete;
  if (end.state == HeadEnd::State::malformed) {
    refuse(HeadError::malformed);
  } else if ((complete ? end.bytes : unread().size()) > bytes_max) {
    refuse(wire::answer(wire::HttpError::head_too_large));
  } else if (complete) {
    return take_head(end.bytes);
  } else {
    seen_ = unread().size();
  }
  return false;
}

bool Connection::take_head(std::size_t bytes) {
  head_text_.assign(unread().substr(0, bytes));
  consumed_ += bytes;
  seen_ = 0;
  const auto head = check_head(head_text_);
  if (!head) {
    refuse(head.error());
    return false;
  }
  request_.head = *head;
  split_target(request_.head.target, request_.target);
  const bool believed = is_request_id(request_.head.request_id) &&
                        owner_.services_.options.trusted_proxies.contains(request_.peer);
  request_.request_id = believed ? std::string(request_.head.request_id) : new_request_id();
  request_.body.clear();
  if (request_.head.has_body()) return begin_body();
  start();
  return true;
}

bool Connection::begin_body() {
  const auto bytes_max = owner_.services_.options.body_bytes_max;
  body_ = std::make_unique<BodyReader>(bytes_max);
  const auto state = request_.head.content_length.value_or(0) > bytes_max
                         ? BodyReader::State::too_large
                         : body_->begin(head_text_);
  if (state == BodyReader::State::too_large) {
    refuse(wire::answer(wire::HttpError::body_too_large));
    return false;
  }
  if (state != BodyReader::State::more) {
    refuse(HeadError::malformed);
    return false;
  }
  state_ = State::body;
  since_ = stream_->reactor().turn_time();
  if (request_.head.expect_continue && request_.head.http_1_1 && unread().empty()) {
    stream_->write(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"));
  }
  return true;
}

bool Connection::read_body() {
  if (unread().empty()) return false;
  std::size_t consumed = 0;
  const auto state = body_->feed(unread(), consumed);
  consumed_ += consumed;
  switch (state) {
    case BodyReader::State::more:
      return false;
    case BodyReader::State::done:
      request_.body = body_->take();
      body_.reset();
      start();
      return true;
    case BodyReader::State::too_large:
      refuse(wire::answer(wire::HttpError::body_too_large));
      return false;
    case BodyReader::State::malformed:
      refuse(HeadError::malformed);
      return false;
  }
  return false;
}

// Between requests: keep little memory, and read on unless there is a reason not to.
void Connection::settle() {
  if (consumed_ == input_.size()) {
    input_.clear();
    if (input_.capacity() > kept_capacity_max) input_ = {};
  } else {
    input_.erase(0, consumed_);
  }
  consumed_ = 0;
  if (state_ == State::busy || state_ == State::finished) return;
  const bool must_wait = continuing_ || stream_->outbox_bytes() > unsent_bytes_max;
  if (ended_) {
    if (!must_wait) end_after_flush();  // nothing whole is left of what the peer sent
  } else if (!must_wait) {
    stream_->resume_reading();
  } else if (unread().size() > unread_bytes_max) {
    stream_->pause_reading();
  }
}

// ---- answers

void Connection::start() {
  state_ = State::busy;
  started_at_ = steady_now();
  const auto executor = stream_->reactor().executor();
  if (concerns_upgrade(request_)) {
    boost::asio::co_spawn(executor, upgrade(shared_from_this()), boost::asio::detached);
  } else {
    boost::asio::co_spawn(executor, serve(shared_from_this()), boost::asio::detached);
  }
}

Task<> Connection::serve([[maybe_unused]] std::shared_ptr<Connection> self) {
  Exchange exchange{request_, owner_.services_};
  Response response;
  std::exception_ptr thrown;
  try {
    response = co_await respond(exchange);
  } catch (const std::exception&) {
    thrown = std::current_exception();
  }
  if (thrown) response = answer_to(thrown, exchange);
  if (stream_ != nullptr) finish(exchange, response);
}

void Connection::finish(const Exchange& exchange, const Response& response) {
  const bool keep_alive =
      request_.head.keep_alive && !response.close && !owner_.services_.health.draining();
  write(response, keep_alive);
  const auto now = steady_now();
  note_answer(exchange, response, now - started_at_);
  if (!keep_alive) {
    end_after_flush();
    return;
  }
  if (head_text_.capacity() > kept_capacity_max) head_text_ = {};
  if (request_.body.capacity() > kept_capacity_max) request_.body = {};
  state_ = State::head;
  since_ = now;
  ++answered_;
  advance();
}

void Connection::write(const Response& response, bool keep_alive) {
  thread_local std::string text;
  text.clear();
  const bool head_only = request_.head.method == Method::head;
  append_response(text, response,
                  {.request_id = request_.request_id,
                   .head_only = head_only,
                   .keep_alive = keep_alive,
                   .http_1_0 = !request_.head.http_1_1});
  stream_->write(text);
  if (response.shared_body && !head_only) stream_->write(response.shared_body);
}

void Connection::refuse(HeadError error) { refuse(answer_to(error)); }

// The one answer to what cannot be read; where its end is cannot be known, so it is the last.
void Connection::refuse(const wire::Answer& answer) {
  note_unreadable(owner_.services_, answer.status);
  request_.head = {};
  request_.request_id = new_request_id();
  write(to_response(answer), false);
  end_after_flush();
}

void Connection::end_after_flush() {
  state_ = State::finished;
  body_.reset();
  stream_->close_after_flush();
}

// ---- upgrade

Task<> Connection::upgrade([[maybe_unused]] std::shared_ptr<Connection> self) {
  Exchange exchange{request_, owner_.services_};
  std::expected<UpgradeRequest, Response> granted = std::unexpected(Response{});
  std::exception_ptr thrown;
  try {
    granted = co_await grant_upgrade(exchange);
  } catch (const std::exception&) {
    thrown = std::current_exception();
  }
  if (thrown) granted = std::unexpected(answer_to(thrown, exchange));
  if (granted && owner_.services_.health.draining()) {
    granted = std::unexpected(to_response(wire::answer(wire::HttpError::unavailable)));
  }
  if (stream_ == nullptr) co_return;
  note_upgrade(exchange, granted ? 101 : granted.error().status,
               granted ? granted->conversation : ConversationId{});
  if (!granted) {
    write(granted.error(), false);
    end_after_flush();
  } else {
    granted_ = std::move(*granted);
    if (stream_->outbox_bytes() == 0) hand_over();
  }
}

void Connection::hand_over() {
  base::Stream& stream = *std::exchange(stream_, nullptr);
  auto granted = std::move(*granted_);
  granted_.reset();
  granted.early_bytes = unread();
  state_ = State::finished;
  owner_.leave(*this);
  if (ended_) {
    stream.close();
    return;
  }
  stream.resume_reading();
  owner_.upgrade_(stream, std::move(granted));
}

}  // namespace banter::http
