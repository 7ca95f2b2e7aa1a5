#include "base/reactor.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/assert.hpp"

namespace banter::base {

using namespace std::chrono_literals;

namespace {

// A peer that does not answer our FIN, or does not take what is left, is not waited for longer.
constexpr auto half_closed_max = 2s;
constexpr auto closing_max = 10s;

// Fewer sends are cheaper one by one.
constexpr std::size_t batch_min = 4;

int open_epoll() {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return epoll;
}

}  // namespace

Reactor::Reactor(Options options)
    : options_(options),
      context_(1),
      work_(context_.get_executor()),
      epoll_(open_epoll()),
      ready_(context_.get_executor(), epoll_),
      ticker_(context_.get_executor()),
      input_(read_bytes_max),
      turn_time_(steady_now()) {
  await_ready();
  await_tick();
}

Reactor::~Reactor() {
  for (auto& stream : streams_) stream->handler_->on_closed();
  streams_.clear();
  gone_.clear();
}

void Reactor::run() {
  pthread_setname_np(pthread_self(), ("reactor-" + std::to_string(options_.number)).c_str());
  batch_sender_ = std::make_unique<BatchSender>();
  if (!batch_sender_->available()) batch_sender_.reset();
  context_.run();
  batch_sender_.reset();
}

void Reactor::stop() {
  post([this] {
    // What is due already is not cancelled any more: it must not begin anew.
    stopping_ = true;
    work_.reset();
    ticker_.cancel();
    ready_.cancel();
    while (!streams_.empty()) streams_.back()->close();
  });
}

Stream& Reactor::adopt(int socket, std::shared_ptr<StreamHandler> handler) {
  auto owned = std::unique_ptr<Stream>(new Stream(*this, socket, std::move(handler)));
  Stream& stream = *owned;
  stream.place_ = static_cast<std::uint32_t>(streams_.size());
  streams_.push_back(std::move(owned));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &stream;
  const bool watched = epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0;
  stream.handler_->on_open(stream);
  if (!watched) stream.close();
  return stream;
}

void Reactor::await_ready() {
  ready_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this](boost::system::error_code error) {
                      if (error || stopping_) return;
                      turn();
                      await_ready();
                    });
}

void Reactor::turn() {
  std::array<epoll_event, events_max> events;  // NOLINT: filled by epoll_wait
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  turn_time_ = steady_now();
  in_turn_ = true;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    on_event(*static_cast<Stream*>(event.data.ptr), event.events);
  }
  end_turn();
}

void Reactor::on_event(Stream& stream, std::uint32_t events) {
  if (stream.closed_ || stream.socket_ < 0) return;  // closed or released earlier in this turn
  if ((events & EPOLLOUT) != 0) {
    stream.write_blocked_ = false;
    stream.update_interest();
    mark_dirty(stream);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  if (!stream.reading_) {
    // Level-triggered: not reading it would spin. What it has sent is lost with the reset.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) stream.close();
    return;
  }
  read_from(stream);
}

void Reactor::read_from(Stream& stream) {
  const ssize_t got = ::recv(stream.socket_, input_.data(), input_.size(), 0);
  if (got < 0) {
    if (errno != EAGAIN && errno != EINTR) stream.close();
    return;
  }
  if (stream.closing_) {
    if (got == 0) stream.close();
    return;
  }
  const auto handler = stream.handler_.get();  // kept alive by former_ if it is replaced meanwhile
  if (got == 0) {
    handler->on_end();
  } else {
    handler->on_input({input_.data(), static_cast<std::size_t>(got)});
  }
}

void Reactor::mark_dirty(Stream& stream) {
  if (stream.dirty_ != Stream::not_dirty || stream.write_blocked_) return;
  stream.dirty_ = static_cast<std::uint32_t>(dirty_.size());
  dirty_.push_back(&stream);
  schedule_end_turn();
}

// Within a turn there is nothing to schedule: the turn ends by itself.
void Reactor::schedule_end_turn() {
  if (in_turn_ || end_scheduled_) return;
  end_scheduled_ = true;
  post([this] {
    end_scheduled_ = false;
    turn_time_ = steady_now();
    end_turn();
  });
}

void Reactor::end_turn() {
  in_turn_ = true;
  flush_dirty();
  bury_gone();
  former_.clear();
  in_turn_ = false;
  if (!dirty_.empty()) schedule_end_turn();  // the next slice, or written while flushing
}

// In slices, so that a large conversation does not keep the others waiting.
void Reactor::flush_dirty() {
  const std::size_t end = std::min(dirty_.size(), flushed_ + options_.flushes_per_turn_max);
  const bool batched = batch_sender_ && end - flushed_ >= batch_min;
  while (flushed_ < end) {
    Stream* stream = dirty_[flushed_++];
    if (stream == nullptr) continue;
    stream->dirty_ = Stream::not_dirty;
    std::array<iovec, 1> slice;  // NOLINT: filled by gather
    if (!batched || stream->outbox_.gather(slice) == 0) {
      flush(*stream);
      continue;
    }
    batch_sender_->add(stream->socket_,
                       {static_cast<const char*>(slice[0].iov_base), slice[0].iov_len});
    batch_.push_back(stream);
    if (batch_.size() == BatchSender::capacity()) flush_batch();
  }
  if (!batch_.empty()) flush_batch();
  if (flushed_ == dirty_.size()) {
    dirty_.clear();
    flushed_ = 0;
  }
}

void Reactor::flush(Stream& stream) {
  std::ptrdiff_t sent = 0;
  do {
    std::array<iovec, 16> slices;  // NOLINT: filled by gather
    const std::size_t count = stream.outbox_.gather(slices);
    if (count == 0) {  // a stream that closes with nothing left to send
      on_flushed(stream);
      return;
    }
    if (count == 1) {
      sent = ::send(stream.socket_, slices[0].iov_base, slices[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = slices.data();
      message.msg_iovlen = count;
      sent = ::sendmsg(stream.socket_, &message, MSG_NOSIGNAL);
    }
  } while (after_send(stream, sent < 0 ? -errno : sent));
}

// The buffers stay where they are until all sends have ended; what handlers do to streams comes
// after that.
void Reactor::flush_batch() {
  const auto& results = batch_sender_->run();
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    Stream& stream = *batch_[i];
    if (!stream.closed_ && after_send(stream, results[i])) flush(stream);
  }
  batch_.clear();
}

// sent: bytes, or -errno. True: there is more that the socket may take now.
bool Reactor::after_send(Stream& stream, std::ptrdiff_t sent) {
  if (sent == -EINTR) return true;
  if (sent == -EAGAIN) {
    stream.write_blocked_ = true;
    stream.update_interest();
    return false;
  }
  if (sent < 0) {
    stream.close();
    return false;
  }
  stream.progress_at_ = turn_time_;
  stream.outbox_.consume(static_cast<std::size_t>(sent), buffers_);
  if (!stream.outbox_.empty()) return true;
  on_flushed(stream);
  return false;
}

void Reactor::on_flushed(Stream& stream) {
  if (!stream.closing_) {
    stream.handler_->on_drained();
  } else if (!stream.half_closed_) {
    stream.half_closed_ = true;
    ::shutdown(stream.socket_, SHUT_WR);
  }
}

void Reactor::retire(Stream& stream) {
  stream.closed_ = true;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, stream.socket_, nullptr);
  ::close(std::exchange(stream.socket_, -1));
  forget(stream);
}

void Reactor::forget(Stream& stream) {
  if (stream.dirty_ != Stream::not_dirty) dirty_[stream.dirty_] = nullptr;
  stream.dirty_ = Stream::not_dirty;
  const auto place = stream.place_;
  ASSERT(place < streams_.size() && streams_[place].get() == &stream, "every stream has its place");
  gone_.push_back(std::move(streams_[place]));
  if (place + 1 != streams_.size()) {
    streams_[place] = std::move(streams_.back());
    streams_[place]->place_ = place;
  }
  streams_.pop_back();
  schedule_end_turn();
}

// on_closed() may close further streams; they are told in the next round.
void Reactor::bury_gone() {
  while (!gone_.empty()) {
    const auto batch = std::exchange(gone_, {});
    for (const auto& stream : batch) {
      if (stream->closed_) stream->handler_->on_closed();
    }
  }
}

void Reactor::await_tick() {
  ticker_.expires_after(1s);
  ticker_.async_wait([this](boost::system::error_code error) {
    if (error || stopping_) return;
    tick();
    await_tick();
  });
}

void Reactor::tick() {
  turn_time_ = steady_now();
  outbox_bytes_ = 0;
  // Backwards: closing a stream moves the last one, already visited, into its place.
  for (std::size_t i = streams_.size(); i-- > 0;) {
    Stream& stream = *streams_[i];
    outbox_bytes_ += stream.outbox_bytes();
    if (!stream.closing_) {
      stream.handler_->on_tick(turn_time_);
    } else if (turn_time_ - stream.closing_at_ >
               (stream.half_closed_ ? half_closed_max : closing_max)) {
      stream.close();
    }
  }
}

}  // namespace banter::base
