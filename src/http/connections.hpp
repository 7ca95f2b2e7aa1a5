// Connections: the HTTP connections of one reactor: makes them for accepted sockets, knows them,
// and ends them when the node goes away. Owned by app, one per reactor; on its thread.
#pragma once

#include <cstddef>
#include <unordered_set>

#include "base/reactor.hpp"
#include "http/connection.hpp"
#include "http/exchange.hpp"
#include "http/upgrade.hpp"

namespace banter::http {

class Connections {
 public:
  Connections(base::Reactor& reactor, Services services, UpgradeHandler upgrade);
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Takes a connected, non-blocking socket.
  void adopt(int socket);
  // Idle connections are closed, the others after what they are answering.
  void drain();
  [[nodiscard]] std::size_t count() const { return connections_.size(); }
  [[nodiscard]] base::Reactor& reactor() const { return reactor_; }

 private:
  friend class Connection;
  void enter(Connection& connection);
  void leave(Connection& connection);

  base::Reactor& reactor_;
  Services services_;
  UpgradeHandler upgrade_;
  std::unordered_set<Connection*> connections_;
};

}  // namespace banter::http
