// AdminSocket: the server's end of DATA/admin.sock, where administrator commands reach a server
// that holds the store. Owned by app/server; stop() and the work are on one reactor. Only the
// server's own user and root are heard. Knows nothing of what commands do.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "app/admin_service.hpp"
#include "base/task.hpp"

namespace banter::app {

class AdminSocket {
 public:
  struct Options {
    std::filesystem::path path;
    std::size_t connections_max = 8;   // past it: told "busy"; past twice that: hung up on
    std::chrono::seconds patience{5};  // for a question to arrive, and for an answer to be taken
  };
  // The caller holds the lock of the data directory: a socket that is there already is a dead
  // server's, and is replaced. The service outlives every connection: see stop(). Throws
  // boost::system::system_error when the socket cannot be made (mode 0600).
  AdminSocket(Executor reactor, AdminService& service, Options options);
  ~AdminSocket();
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

  // Takes no more connections, ends those that wait for a question, and removes the socket. A
  // command that is at work goes on until its store answers; idle() tells any thread when the last
  // one is done. Before that neither the reactor nor the store may go.
  void stop();
  [[nodiscard]] bool idle() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace banter::app
