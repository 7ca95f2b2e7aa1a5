#include "verify/check/clients.hpp"

namespace banter::verify {

void Clients::wants(const Socket& socket, Moment now) {
  if (socket.kind == SocketKind::member) away_.try_emplace(socket.client.value, now);
}

void Clients::is_back(const Socket& socket, Moment now) {
  const auto found = away_.find(socket.client.value);
  if (found == away_.end()) return;
  const Moment since = found->second;
  away_.erase(found);
  periods_.arrived(since.at, now.at);
  expect_soon(since, now);
}

void Clients::expect_soon(Moment since, Moment now) {
  const auto calm = periods_.calm_since(since.at);
  if (!calm || now.at - *calm <= bounds_.return_within) return;
  findings_.add(Invariant::clients_return, {since.line, now.line}, "a client was away for {} ms{}",
                (now.at - *calm).count() / 1000,
                *calm > since.at ? " after the end of a fault" : "");
}

void Clients::finish(Moment end) {
  for (const auto& [client, since] : away_) expect_soon(since, end);
}

}  // namespace banter::verify
