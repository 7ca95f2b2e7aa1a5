#include "ws/session.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "wire/error_table.hpp"
#include "wire/event_json.hpp"
#include "wire/frame.hpp"
#include "ws/session_joining.hpp"

namespace banter::ws {

using wire::CloseCode;

SessionMetrics::SessionMetrics(base::Metrics& metrics)
    : messages_in(metrics.counter("banter_ws_messages_in_total", "Messages received on sockets")),
      bytes_in(metrics.counter("banter_ws_bytes_in_total", "Bytes received on sockets")),
      errors(metrics.counter("banter_ws_error_frames_total", "Error frames sent")),
      rate_limited(
          metrics.counter("banter_ws_rate_limited_total", "Sends refused by message rate")),
      resumes(metrics.counter("banter_ws_resumes_total", "Sockets that resumed with since")),
      resets(metrics.counter("banter_ws_resets_total", "Resumes answered with reset")),
      slow(metrics.counter("banter_ws_slow_closes_total",
                           "Sockets closed because they read too slowly")),
      order_failures(metrics.counter("banter_ws_order_failures_total",
                                     "Sockets closed because an event was not the next one")),
      deferrals(metrics.counter("banter_ws_reading_paused_total",
                                "Times a socket was not read because its sends were uncommitted")) {
}

namespace {

// Far enough to be for ever, near enough not to overflow the clock.
constexpr std::int64_t token_life_max = 10L * 365 * 24 * 3600;  // seconds

SteadyTime expiry(std::int64_t unix_seconds) {
  const std::int64_t left = unix_seconds - wall_now().unix_seconds();
  return steady_now() + std::chrono::seconds(std::clamp<std::int64_t>(left, 0, token_life_max));
}

}  // namespace

Session::Session(SessionServices& services, http::UpgradeRequest request)
    : services_(services),
      joining_(std::make_unique<Joining>(services.reactor.executor(), std::move(request))),
      decoder_(chat::frame_bytes_max),
      conversation_(joining_->request.conversation),
      user_(joining_->request.identity.user),
      token_expires_(expiry(joining_->request.identity.token_expires_at)) {}

Session::~Session() = default;

void Session::on_open(base::Stream& stream) {
  stream_ = &stream;
  ping_at_ = services_.reactor.turn_time() + chat::ping_interval;
  services_.hub.enter(*this);
  stream.write(joining_->request.head_101);
  if (services_.hub.shutting_down()) {
    end(CloseCode::restart);
    return;
  }
  boost::asio::co_spawn(
      services_.reactor.executor(), [self = shared_from_this()] { return self->join(); },
      boost::asio::detached);
  if (std::string early = std::move(joining_->request.early_bytes); !early.empty()) on_input(early);
}

void Session::on_closed() {
  services_.hub.leave(*this);
  stream_ = nullptr;
  ended_ = true;
  if (joining_) joining_->drained.cancel();
  timeline_.reset();
  deferred_ = {};
}

void Session::on_end() { stream_->close(); }

void Session::on_drained() {
  if (joining_) joining_->drained.cancel();
}

void Session::on_tick(SteadyTime now) {
  if (ended_) return;
  if (now >= token_expires_) {
    end(CloseCode::token_expired);
  } else if (stream_->outbox_bytes() > 0 &&
             now - stream_->stalled_since() > chat::outbox_stall_max) {
    end_slow();
  } else if (!pinged_ && now >= ping_at_) {
    std::string ping;
    wire::append_frame(ping, wire::FrameKind::ping, "ping");
    stream_->write(ping);
    pinged_ = true;
    ping_at_ = now;
  } else if (pinged_ && now - ping_at_ >= chat::pong_wait_max) {
    end(CloseCode::ping_timeout);
  }
}

// ---- the way out

bool Session::may_deliver(Seq seq, std::size_t bytes) {
  if (ended_) return false;
  if (seq != last_sent_.next()) {
    services_.metrics.order_failures.Increment();
    log::error("order_check_failed", {{"conversation", conversation_.value},
                                      {"expected", last_sent_.next().value},
                                      {"got", seq.value}});
    end(CloseCode::order);
    return false;
  }
  if (stream_->outbox_bytes() + bytes > chat::outbox_bytes_max) {
    end_slow();
    return false;
  }
  last_sent_ = seq;
  return true;
}

void Session::deliver(Seq seq, std::string_view frame) {
  if (may_deliver(seq, frame.size())) stream_->write(frame);
}

void Session::deliver(Seq seq, const std::shared_ptr<const std::string>& frame) {
  if (may_deliver(seq, frame->size())) stream_->write(frame);
}

void Session::pass_over(Seq seq) { static_cast<void>(may_deliver(seq, 0)); }

void Session::write_text(std::string_view text) {
  if (ended_) return;
  if (stream_->outbox_bytes() + text.size() > chat::outbox_bytes_max) {
    end_slow();
    return;
  }
  std::string frame;
  wire::append_frame(frame, wire::FrameKind::text, text);
  stream_->write(frame);
}

void Session::end(std::uint16_t code, std::string_view reason) {
  if (ended_) return;
  ended_ = true;
  stream_->write(wire::close_frame(code, reason));
  stream_->close_after_flush();
}

void Session::wind_down() {
  if (winding_down_ || ended_) return;
  winding_down_ = true;
  deferred_ = {};  // not acknowledged: the client sends them again
  if (uncommitted_ == 0) end(CloseCode::restart);
}

void Session::end_slow() {
  services_.metrics.slow.Increment();
  stream_->drop_unsent();
  end(CloseCode::slow);
}

// ---- the way in

void Session::on_input(std::span<char> bytes) {
  pinged_ = false;  // whatever arrives, the peer lives
  ping_at_ = services_.reactor.turn_time() + chat::ping_interval;
  services_.metrics.bytes_in.Increment(static_cast<double>(bytes.size()));
  decoder_.feed(bytes);
  while (auto event = decoder_.next()) {
    if (!ended_) on_event(*event);
  }
}

void Session::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::text:
      services_.metrics.messages_in.Increment();
      if (saturated() || !deferred_.empty()) {
        // Bounded by what one read brings: reading has paused.
        deferred_.emplace_back(event.payload);
      } else {
        on_text(event.payload);
      }
      if (saturated()) {
        services_.metrics.deferrals.Increment();
        stream_->pause_reading();
      }
      return;
    case EventKind::binary:
      end(CloseCode::unsupported_data);
      return;
    case EventKind::ping: {
      if (stream_->outbox_bytes() > chat::outbox_bytes_max) {
        end_slow();
        return;
      }
      std::string pong;
      wire::append_frame(pong, wire::FrameKind::pong, event.payload);
      stream_->write(pong);
      return;
    }
    case EventKind::pong:
      return;
    case EventKind::close:
      end(event.code, event.payload);  // echoed
      return;
    case EventKind::violation:
      end(event.code, "");
      return;
  }
}

void Session::on_text(std::string_view payload) {
  if (winding_down_) return;
  auto command = wire::parse_command(payload, services_.options.text_bytes_max);
  if (!command) {
    refuse(command.error().code, command.error().client_id, {}, command.error().detail);
  } else if (command->kind == wire::Command::post) {
    post(std::move(*command));
  }
}

// What waits for its rate counts as uncommitted already: a shared throttle takes its time, too.
void Session::post(wire::Command command) {
  ++uncommitted_;
  uncommitted_bytes_ += static_cast<std::uint32_t>(command.text.size());
  const chat::Rate rate = services_.options.message_rate;
  if (rate.count == 0) {
    submit(std::move(command));
    return;
  }
  services_.throttle.admit_message(
      services_.reactor.executor(), user_, conversation_, rate, services_.reactor.turn_time(),
      [self = shared_from_this(), command = std::move(command)](chat::Verdict verdict) mutable {
        if (verdict.admitted) {
          self->submit(std::move(command));
        } else {
          self->refuse_rate(command, verdict.retry_after);
        }
      });
}

void Session::refuse_rate(const wire::Command& command, std::chrono::seconds retry_after) {
  services_.metrics.rate_limited.Increment();
  std::string text;
  wire::append_rate_limited(text, retry_after, command.client_id);
  write_text(text);
  count_offence();
  settle(command.text.size());
}

void Session::submit(wire::Command command) {
  const std::size_t bytes = command.text.size();
  if (ended_) {
    settle(bytes);
    return;
  }
  std::string client_id = command.client_id;
  auto taken = services_.appender.submit(
      {.conversation = conversation_,
       .author = user_,
       .payload = std::move(command.text),
       .client_id = std::move(command.client_id)},
      [self = shared_from_this(), client_id, bytes](const chat::AppendAnswer& answer) {
        self->on_appended(client_id, answer);
        self->settle(bytes);
      });
  if (!taken) {
    refuse(chat::ErrorCode::overloaded, client_id, taken.error().retry_after);
    settle(bytes);
  }
}

void Session::on_appended(const std::string& client_id, const chat::AppendAnswer& answer) {
  if (ended_) return;
  if (!answer) {
    refuse(chat::ErrorCode::unavailable, client_id, answer.error().retry_after);
  } else if (answer->status == chat::AppendStatus::forbidden) {
    refuse(chat::ErrorCode::forbidden, client_id);
  } else if (answer->status == chat::AppendStatus::conflict) {
    refuse(chat::ErrorCode::conflict, client_id);
  } else if (!client_id.empty()) {
    std::string text;
    wire::append_ack(text, client_id, answer->seq, answer->at, services_.store.epoch());
    write_text(text);
  }
}

// A send has got its answer.
void Session::settle(std::size_t bytes) {
  --uncommitted_;
  uncommitted_bytes_ -= static_cast<std::uint32_t>(bytes);
  if (winding_down_ && uncommitted_ == 0) end(CloseCode::restart);
  take_deferred();
}

void Session::refuse(chat::ErrorCode code, std::string_view client_id,
                     std::optional<std::chrono::seconds> retry_after, std::string_view detail) {
  services_.metrics.errors.Increment();
  const wire::FrameError error = wire::frame_error(code);
  std::string text;
  wire::append_error(text, error.code, detail.empty() ? error.detail : detail, client_id,
                     retry_after);
  write_text(text);
  count_offence();
}

// A client that is told off again and again does not listen.
void Session::count_offence() {
  const SteadyTime now = services_.reactor.turn_time();
  if (now - offences_since_ > chat::errors_window) {
    offences_since_ = now;
    offences_ = 0;
  }
  if (++offences_ > chat::errors_per_window_max) end(CloseCode::flooding);
}

bool Session::saturated() const {
  return uncommitted_ >= chat::uncommitted_sends_max ||
         uncommitted_bytes_ >= chat::uncommitted_bytes_max;
}

// A send that is refused at once settles in here: the loop goes on by itself then.
void Session::take_deferred() {
  if (taking_deferred_ || saturated() || ended_) return;
  taking_deferred_ = true;
  std::size_t taken = 0;
  while (taken < deferred_.size() && !saturated() && !ended_) on_text(deferred_[taken++]);
  taking_deferred_ = false;
  deferred_.erase(deferred_.begin(), deferred_.begin() + static_cast<std::ptrdiff_t>(taken));
  if (deferred_.empty() && !saturated() && !ended_) {
    deferred_ = {};
    stream_->resume_reading();
  }
}

}  // namespace banter::ws
