#include "http/connections.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "http/health.hpp"
#include "http/metrics.hpp"

namespace banter::http {

Connections::Connections(base::Reactor& reactor, Services services, UpgradeHandler upgrade)
    : reactor_(reactor), services_(services), upgrade_(std::move(upgrade)) {}

void Connections::adopt(int socket) { reactor_.adopt(socket, std::make_shared<Connection>(*this)); }

void Connections::drain() {
  services_.health.set_draining();
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (auto* connection : all) connection->drain();
}

void Connections::enter(Connection& connection) {
  connections_.insert(&connection);
  services_.metrics.connection_opened();
}

void Connections::leave(Connection& connection) {
  if (connections_.erase(&connection) > 0) services_.metrics.connection_closed();
}

}  // namespace banter::http
