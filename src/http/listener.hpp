// Listener: the accepting socket. Lives on the first reactor and deals accepted sockets round-robin
// to the connections of all reactors. Owned by app; every call on its reactor's thread, except
// before that runs. It never reads or writes, but for the 503 of a server that is full.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/reactor.hpp"
#include "base/task.hpp"
#include "http/connections.hpp"
#include "http/metrics.hpp"

namespace banter::http {

class Listener {
 public:
  struct Options {
    std::string host = "127.0.0.1";  // a name or an address, IPv6 without brackets
    std::uint16_t port = 8000;       // 0: the system picks a free one
    // Open at once, sockets included; in any case so many that `reserve` descriptors stay free.
    std::size_t connections_max = 50'000;
    std::size_t descriptor_reserve = 64;  // for the store, logs, administrators
  };
  // Binds and listens; throws boost::system::system_error when that cannot be.
  Listener(base::Reactor& reactor, Options options, std::vector<Connections*> connections,
           Metrics& metrics);

  void start();
  // Accepts no more; what was accepted stays.
  void stop();
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::uint16_t port() const;

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  void await_ready();
  // False: accepting has to pause.
  bool accept_ready();
  void welcome(int socket);
  void pause();
  void complain(int error);

  Options options_;
  Acceptor acceptor_;
  Timer pause_;
  std::vector<Connections*> connections_;
  Metrics& metrics_;
  std::size_t next_ = 0;
  int descriptor_max_ = 0;  // a socket with a higher number is one too many
  SteadyTime complained_at_{};
};

}  // namespace banter::http
