// WebSocket: a client's connection to a node, by a library that the server does not use. Reading
// and writing may overlap, each by one coroutine. A peer that answers no ping for 8 s is given up.
// Used on the run's one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "verify/drive/node_url.hpp"

namespace banter::verify {

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // The error is the status of the refusal, 0 if no answer came.
  [[nodiscard]] static Task<std::expected<std::unique_ptr<WebSocket>, std::int64_t>> open(
      Executor executor, NodeUrl node, std::string target);

  // The next frame, good until the next call; nullopt: it is over.
  [[nodiscard]] virtual Task<std::optional<std::string_view>> read() = 0;
  // False: it is over.
  [[nodiscard]] virtual Task<bool> write(std::string frame) = 0;
  // With a close frame; waits for the peer's, within the limit of a silent peer.
  [[nodiscard]] virtual Task<> close() = 0;
  // As if the cable had been cut.
  virtual void cut() = 0;
  // That the peer closed with; 0: it did not.
  [[nodiscard]] virtual std::int64_t close_code() const = 0;

 protected:
  WebSocket() = default;
};

}  // namespace banter::verify
