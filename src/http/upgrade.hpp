// From HTTP to WebSocket: is this request one, may it, and what the socket's handler is told. http
// knows nothing of frames: when everything is in order the stream is handed over, and the handler
// writes the 101 itself (perhaps on another reactor).
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/accounts.hpp"
#include "base/ids.hpp"
#include "base/stream.hpp"
#include "base/task.hpp"
#include "chat/event.hpp"
#include "chat/ports.hpp"
#include "http/exchange.hpp"

namespace banter::http {

// A request that was granted.
struct UpgradeRequest {
  ConversationId conversation;
  auth::Identity identity;
  chat::Access access;
  std::optional<Seq> since;
  bool since_latest = false;  // ?since=latest
  std::string epoch;          // empty: the request named none
  std::string head_101;       // the response head, to be written before the first frame
  std::string early_bytes;    // what the client sent behind its request
};

// Takes the stream over: set_handler() or release() before it returns.
using UpgradeHandler = std::function<void(base::Stream&, UpgradeRequest)>;

// Whether the request asks for a WebSocket, well or badly, or for the path of one.
[[nodiscard]] bool concerns_upgrade(const Request& request);

// Authenticates, checks membership on the primary, and builds the 101; or the refusal, after which
// the connection is closed. Sets exchange.identity. Throws Unavailable. early_bytes are the
// connection's to fill in.
[[nodiscard]] Task<std::expected<UpgradeRequest, Response>> grant_upgrade(Exchange& exchange);

// RFC 6455, 4.2.2: base64(SHA-1(key + GUID)).
[[nodiscard]] std::string accept_key(std::string_view key);

}  // namespace banter::http
