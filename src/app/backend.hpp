// Backend: what nodes stand on, as the configuration names it: the store, the relay to other nodes
// and the throttle. Either the embedded store and nothing beside it, or what several processes
// share. Owned by app/server, before and after everything that uses it.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "auth/ports.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "chat/ports.hpp"
#include "chat/throttle.hpp"
#include "store/open_failure.hpp"

namespace banter::app {

class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual chat::ConversationStore& conversations() = 0;
  [[nodiscard]] virtual auth::AccountStore& accounts() = 0;
  [[nodiscard]] virtual chat::Relay& relay() = 0;
  [[nodiscard]] virtual chat::Throttle& throttle() = 0;
  // Why it can never serve; at most once, while it is open; from any thread.
  virtual void on_refused(std::function<void(const store::OpenFailure&)> refused) = 0;
  // Writes a consistent copy of the store; the error is a sentence.
  [[nodiscard]] virtual Task<std::expected<void, std::string>> back_up(
      std::filesystem::path target) = 0;
};

// How `banter serve` opens it, and commands that find no server running.
enum class BackendUse { serving, administration };

// Metrics outlive it. A database that is away does not keep a server from starting; for a command
// it is a failure.
[[nodiscard]] std::expected<std::unique_ptr<Backend>, store::OpenFailure> open_backend(
    const Config& config, BackendUse use, base::Metrics& metrics);

}  // namespace banter::app
