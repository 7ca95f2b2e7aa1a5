// Server: owns the parts of a running Banter in start order (store, relay, accounts, nodes,
// listener, admin socket), and takes them down again. One per process.
#pragma once

#include "app/config.hpp"

namespace banter::app {

// Serves until SIGTERM or SIGINT: stops accepting, answers what is in flight, closes sockets with
// 1012, and returns within 5 s; a second signal ends the process at once. Returns the exit status:
// 0, 2 when it could not start because of how it is configured, 3 when something outside is
// missing. config.secret_key is resolved.
[[nodiscard]] int serve(const Config& config);

}  // namespace banter::app
