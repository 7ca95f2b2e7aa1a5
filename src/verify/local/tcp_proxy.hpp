// TcpProxy: a hop between two parts of a deployment on this machine that can be made as bad as a
// network gets. Forwards 127.0.0.1:port() to another port there. Owned by a LocalDeployment; lives
// on the proxies' thread, its weather is changed from another one.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "base/task.hpp"

namespace banter::verify {

// What the hop does to everything that passes; by default nothing.
struct Weather {
  bool refuses = false;                // new connections are reset
  bool up_stands = false;              // bytes from the client wait until the weather is better
  bool down_stands = false;            // bytes to the client do
  std::chrono::milliseconds delay{0};  // of each piece
  std::size_t bytes_per_s = 0;         // 0: as many as there are
  std::optional<std::size_t>
      cut_after{};  // reset a connection after so many bytes more to the client
};

class TcpProxy {
 public:
  // The context is run by one other thread, which outlives the proxy.
  TcpProxy(boost::asio::io_context& context, int target);
  ~TcpProxy();  // when the context is run no more
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // From any thread but the proxies'; has happened when it returns.
  void set(const Weather& weather);
  void cut();  // resets every connection

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
  struct Link;

  [[nodiscard]] Task<> accept();
  [[nodiscard]] Task<> serve(std::shared_ptr<Link> link);
  [[nodiscard]] Task<> pump(std::shared_ptr<Link> link, bool up);
  [[nodiscard]] Task<bool> let_pass(Link& link, bool up, std::size_t bytes);
  void cut_all();
  template <class Action>
  void on_own_thread(Action action);

  boost::asio::io_context& context_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  int target_;
  int port_ = 0;
  Weather weather_;
  std::list<std::weak_ptr<Link>> links_;
};

}  // namespace banter::verify
