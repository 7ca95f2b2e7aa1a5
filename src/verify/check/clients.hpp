// Clients: programs that connect again when their socket ends, and how long each was away. Owned by
// Sockets.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

#include "verify/check/bounds.hpp"
#include "verify/check/findings.hpp"
#include "verify/check/periods.hpp"
#include "verify/check/socket.hpp"

namespace banter::verify {

class Clients {
 public:
  Clients(Findings& findings, const Bounds& bounds, Periods& periods)
      : findings_(findings), bounds_(bounds), periods_(periods) {}

  // It wants to be connected.
  void wants(const Socket& socket, Moment now);
  // Its first frame has come.
  void is_back(const Socket& socket, Moment now);
  // It does not want to be connected any more, or must not.
  void is_gone(const Socket& socket) { away_.erase(socket.client.value); }
  void finish(Moment end);

 private:
  void expect_soon(Moment since, Moment now);

  Findings& findings_;
  const Bounds& bounds_;
  Periods& periods_;
  boost::unordered_flat_map<std::int64_t, Moment> away_;  // since
};

}  // namespace banter::verify
