#pragma once
// The floor's handshake: as little of HTTP as a WebSocket client needs to be let in.

#include <cstddef>
#include <string>
#include <string_view>

namespace bound {

struct Handshake {
  std::size_t used = 0;  // bytes of the request; 0 while it is incomplete
  std::string conversation, token;
  std::string response;  // the 101 and an empty history frame
};

[[nodiscard]] Handshake read_handshake(std::string_view input);

}  // namespace bound
