#include "base/stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/assert.hpp"
#include "base/reactor.hpp"

namespace banter::base {

Stream::Stream(Reactor& reactor, int socket, std::shared_ptr<StreamHandler> handler)
    : reactor_(reactor), socket_(socket), handler_(std::move(handler)) {}

Stream::~Stream() {
  outbox_.clear(reactor_.buffers_);
  if (socket_ >= 0) ::close(socket_);
}

void Stream::write(std::string_view frame) {
  if (closed_ || closing_ || frame.empty()) return;
  if (outbox_.empty()) progress_at_ = reactor_.turn_time();
  outbox_.append(frame, reactor_.buffers_);
  reactor_.mark_dirty(*this);
}

void Stream::write(std::shared_ptr<const std::string> frame) {
  if (closed_ || closing_ || frame->empty()) return;
  if (outbox_.empty()) progress_at_ = reactor_.turn_time();
  outbox_.append(std::move(frame));
  reactor_.mark_dirty(*this);
}

void Stream::drop_unsent() { outbox_.drop_unsent(reactor_.buffers_); }

void Stream::pause_reading() {
  if (!reading_ || closing()) return;
  reading_ = false;
  update_interest();
}

void Stream::resume_reading() {
  if (reading_ || closing()) return;
  reading_ = true;
  update_interest();
}

void Stream::close() {
  if (!closed_) reactor_.retire(*this);
}

void Stream::close_after_flush() {
  if (closing()) return;
  closing_ = true;
  closing_at_ = reactor_.turn_time();
  if (!reading_) {  // to see the peer's FIN
    reading_ = true;
    update_interest();
  }
  reactor_.mark_dirty(*this);
}

void Stream::set_handler(std::shared_ptr<StreamHandler> handler) {
  reactor_.former_.push_back(std::exchange(handler_, std::move(handler)));
  reactor_.schedule_end_turn();
  handler_->on_open(*this);
}

int Stream::release() {
  ASSERT(!closing(), "only an open stream can be handed on");
  ASSERT(outbox_.empty(), "what is unsent would be lost");
  epoll_ctl(reactor_.epoll_, EPOLL_CTL_DEL, socket_, nullptr);
  const int socket = std::exchange(socket_, -1);
  reactor_.forget(*this);
  return socket;
}

std::string Stream::peer_address() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
      inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

void Stream::update_interest() {
  epoll_event event{};
  event.events = (reading_ ? EPOLLIN : 0U) | (write_blocked_ ? EPOLLOUT : 0U);
  event.data.ptr = this;
  epoll_ctl(reactor_.epoll_, EPOLL_CTL_MOD, socket_, &event);
}

}  // namespace banter::base
