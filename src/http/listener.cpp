#include "http/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "http/response_text.hpp"
#include "wire/error_table.hpp"

namespace banter::http {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr int accepts_per_turn_max = 64;  // fairness to the streams of this reactor
constexpr auto pause_time = 100ms;        // when descriptors ran out: some may be closed by then
constexpr auto complaint_interval = 60s;

asio::ip::tcp::endpoint resolve(Executor executor, const Listener::Options& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  if (!error) return {address, options.port};
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(executor);
  const auto found = resolver.resolve(options.host, std::to_string(options.port));
  return found.begin()->endpoint();
}

// Descriptors are given out from the lowest free one, so the number of the newest tells how many
// are open, whoever opened them and whichever reactor they went to: no shared counter is needed.
int descriptor_limit(int listening, const Listener::Options& options) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto reserve = static_cast<rlim_t>(options.descriptor_reserve);
  const auto by_system = limit.rlim_cur > reserve ? limit.rlim_cur - reserve : rlim_t{1};
  const auto by_option = static_cast<rlim_t>(listening) + options.connections_max;
  return static_cast<int>(std::min({by_system, by_option, rlim_t{1} << 30}));
}

// The client may not have sent its request yet; it gets its answer all the same.
void turn_away(int socket) {
  std::string text;
  append_response(text, to_response(wire::answer(wire::HttpError::unavailable)),
                  {.request_id = new_request_id(), .keep_alive = false});
  // An empty socket buffer takes this; if not, the close says enough.
  static_cast<void>(::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::shutdown(socket, SHUT_WR);
  ::close(socket);
}

}  // namespace

Listener::Listener(base::Reactor& reactor, Options options, std::vector<Connections*> connections,
                   Metrics& metrics)
    : options_(std::move(options)),
      acceptor_(reactor.executor()),
      pause_(reactor.executor()),
      connections_(std::move(connections)),
      metrics_(metrics),
      complained_at_(steady_now() - complaint_interval) {
  ASSERT(!connections_.empty(), "somebody has to take what is accepted");
  const auto endpoint = resolve(reactor.executor(), options_);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.non_blocking(true);
  acceptor_.bind(endpoint);
  acceptor_.listen(asio::socket_base::max_listen_connections);
  descriptor_max_ = descriptor_limit(acceptor_.native_handle(), options_);
}

std::string Listener::address() const { return acceptor_.local_endpoint().address().to_string(); }

std::uint16_t Listener::port() const { return acceptor_.local_endpoint().port(); }

void Listener::start() { await_ready(); }

void Listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);  // NOLINT: closing cannot fail in a way that matters
  pause_.cancel();
}

void Listener::await_ready() {
  acceptor_.async_wait(Acceptor::wait_read, [this](boost::system::error_code error) {
    if (error || !acceptor_.is_open()) return;
    if (accept_ready()) {
      await_ready();
    } else {
      pause();
    }
  });
}

bool Listener::accept_ready() {
  for (int i = 0; i < accepts_per_turn_max; ++i) {
    const int socket =
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      welcome(socket);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return true;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        metrics_.accept_failed();
        complain(errno);
        return false;
      default:  // this one client is gone again, or was refused by a filter
        metrics_.accept_failed();
    }
  }
  return true;
}

void Listener::welcome(int socket) {
  if (socket > descriptor_max_) {
    metrics_.connection_refused();
    complain(EMFILE);
    turn_away(socket);
    return;
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Connections* connections = connections_[next_];
  next_ = (next_ + 1) % connections_.size();
  connections->reactor().post([connections, socket] { connections->adopt(socket); });
}

void Listener::pause() {
  pause_.expires_after(pause_time);
  pause_.async_wait([this](boost::system::error_code error) {
    if (!error && acceptor_.is_open()) await_ready();
  });
}

// Once a minute at most: a full server has better things to do.
void Listener::complain(int error) {
  const auto now = steady_now();
  if (now - complained_at_ < complaint_interval) return;
  complained_at_ = now;
  log::error("accept_failed", {{"reason", std::generic_category().message(error)},
                               {"connections_max", options_.connections_max}});
}

}  // namespace banter::http
