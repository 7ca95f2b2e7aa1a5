#include "verify/local/tcp_proxy.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <utility>

#include "base/clock.hpp"

namespace banter::verify {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

constexpr std::size_t piece_bytes = 16 * 1024;
// How long an end of the weather goes unnoticed by bytes that stand.
constexpr auto look_every = 20ms;

tcp::endpoint local(int port) {
  return {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)};
}

}  // namespace

// Two ends, each read by one coroutine and written by the other.
struct TcpProxy::Link {
  explicit Link(Socket from) : near(std::move(from)), far(near.get_executor()) {}
  Socket near;
  Socket far;
  std::optional<std::size_t> left;  // bytes to the client until the cut
  void reset() {
    boost::system::error_code ignored;
    for (Socket* end : {&near, &far}) {
      end->set_option(boost::asio::socket_base::linger(true, 0), ignored);  // RST, not FIN
      end->close(ignored);
    }
  }
};

TcpProxy::TcpProxy(boost::asio::io_context& context, int target)
    : context_(context), acceptor_(context.get_executor()), target_(target) {
  acceptor_.open(tcp::v4());
  acceptor_.bind(local(0));
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  boost::asio::co_spawn(context_, accept(), boost::asio::detached);
}

TcpProxy::~TcpProxy() = default;

template <class Action>
void TcpProxy::on_own_thread(Action action) {
  std::promise<void> done;
  boost::asio::post(context_, [&] {
    action();
    done.set_value();
  });
  done.get_future().wait();
}

void TcpProxy::set(const Weather& weather) {
  on_own_thread([&] {
    weather_ = weather;
    for (const auto& each : links_) {
      if (const auto link = each.lock()) link->left = weather.cut_after;
    }
  });
}

void TcpProxy::cut() {
  on_own_thread([this] { cut_all(); });
}

void TcpProxy::cut_all() {
  for (const auto& each : std::exchange(links_, {})) {
    if (const auto link = each.lock()) link->reset();
  }
}

Task<> TcpProxy::accept() {
  while (true) {
    boost::system::error_code error;
    Socket near = co_await acceptor_.async_accept(boost::asio::redirect_error(use_task, error));
    if (error) co_return;
    auto link = std::make_shared<Link>(std::move(near));
    if (weather_.refuses) {
      link->reset();
      continue;
    }
    link->left = weather_.cut_after;
    std::erase_if(links_, [](const auto& each) { return each.expired(); });
    links_.push_back(link);
    boost::asio::co_spawn(context_, serve(std::move(link)), boost::asio::detached);
  }
}

Task<> TcpProxy::serve(std::shared_ptr<Link> link) {
  boost::system::error_code error;
  co_await link->far.async_connect(local(target_), boost::asio::redirect_error(use_task, error));
  if (error) {
    link->reset();
    co_return;
  }
  for (Socket* end : {&link->near, &link->far}) end->set_option(tcp::no_delay(true), error);
  boost::asio::co_spawn(context_, pump(link, true), boost::asio::detached);
  co_await pump(link, false);
}

// Whether the piece goes on, after it has waited for as long as the weather makes it.
Task<bool> TcpProxy::let_pass(Link& link, bool up, std::size_t bytes) {
  Timer timer(context_.get_executor());
  boost::system::error_code ignored;
  auto wait = weather_.delay;
  if (weather_.bytes_per_s > 0) {
    wait += std::chrono::milliseconds(1'000 * bytes / weather_.bytes_per_s);
  }
  if (wait > 0ms) {
    timer.expires_after(wait);
    co_await timer.async_wait(boost::asio::redirect_error(use_task, ignored));
  }
  while (link.near.is_open() && (up ? weather_.up_stands : weather_.down_stands)) {
    timer.expires_after(look_every);
    co_await timer.async_wait(boost::asio::redirect_error(use_task, ignored));
  }
  if (up || !link.left) co_return link.near.is_open();
  if (bytes > *link.left) co_return false;
  *link.left -= bytes;
  co_return link.near.is_open();
}

Task<> TcpProxy::pump(std::shared_ptr<Link> link, bool up) {
  Socket& from = up ? link->near : link->far;
  Socket& to = up ? link->far : link->near;
  std::array<char, piece_bytes> piece{};
  boost::system::error_code error;
  while (true) {
    const auto got = co_await from.async_read_some(boost::asio::buffer(piece),
                                                   boost::asio::redirect_error(use_task, error));
    if (error) break;
    if (!co_await let_pass(*link, up, got)) {
      // In the middle of whatever it was.
      if (link->left && link->near.is_open()) {
        co_await boost::asio::async_write(to, boost::asio::buffer(piece, *link->left),
                                          boost::asio::redirect_error(use_task, error));
      }
      link->reset();
      co_return;
    }
    co_await boost::asio::async_write(to, boost::asio::buffer(piece, got),
                                      boost::asio::redirect_error(use_task, error));
    if (error) break;
  }
  if (error == boost::asio::error::eof) {
    to.shutdown(tcp::socket::shutdown_send, error);
    co_return;
  }
  link->reset();
}

}  // namespace banter::verify
