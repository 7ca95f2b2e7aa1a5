// Why a WebSocket ends: every close code Banter sends, with what the client should do. 1000-1015
// are the RFC's; 4000-4099 are final (do not come back unchanged); 4100-4199, 1001, 1011, 1012 and
// 1013 invite the client back with `since`, with back-off and jitter. Values only.
#pragma once

#include <cstdint>
#include <string_view>

namespace banter::wire {

enum class CloseCode : std::uint16_t {
  normal = 1000,            // the peer closed, and we echo it
  going_away = 1001,        // this node drains
  protocol_error = 1002,    // RFC 6455 broken: framing, masking, reserved bits
  unsupported_data = 1003,  // a binary frame
  invalid_text = 1007,      // a text frame that is not UTF-8
  policy_violation = 1008,  // refused for a reason that has no code of its own
  too_big = 1009,           // a frame over frame_bytes_max
  ping_timeout = 1011,      // no pong in time; also an accident on our side
  restart = 1012,           // the server shuts down
  try_again = 1013,         // no room here now

  no_token = 4001,
  bad_token = 4002,
  no_user = 4003,        // unknown, deleted or deactivated
  not_member = 4004,     // or no such conversation
  flooding = 4009,       // too many error frames
  token_expired = 4010,  // log in or refresh, then come back
  removed = 4011,        // no longer a member

  slow = 4108,   // the outbox was over its bound
  order = 4113,  // the order check failed: resume mends it
};

// Whether a client should come back by itself.
[[nodiscard]] bool invites_back(CloseCode code);
// The reason that goes with the code; empty where the replaced system sends none.
[[nodiscard]] std::string_view close_reason(CloseCode code);

}  // namespace banter::wire
