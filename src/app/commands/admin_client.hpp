// AdminClient: asks AdminService, through the socket of a running server or, where none runs, in
// this process. Blocking; owned by one command.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <utility>

#include "app/admin_protocol.hpp"
#include "app/commands/failure.hpp"
#include "app/config.hpp"

namespace banter::app {

enum class SocketFailure : std::uint8_t {
  nobody,  // no server listens there
  broken,  // one does, but gave no answer in time, or none that makes sense
};
// Asks the server behind a socket. patience 0 waits without end.
[[nodiscard]] std::expected<AdminAnswer, SocketFailure> ask_server(
    const std::filesystem::path& socket, const boost::json::object& question,
    std::chrono::seconds patience);

class AdminClient {
 public:
  // Finds out which way is open. A server that is just starting is waited for, 3 s.
  [[nodiscard]] static std::expected<AdminClient, Failure> reach(const Config& config);

  // The result, or why not.
  [[nodiscard]] std::expected<boost::json::value, Failure> ask(boost::json::object question);

 private:
  using Ask = std::move_only_function<AdminAnswer(boost::json::object)>;
  explicit AdminClient(Ask ask) : ask_(std::move(ask)) {}
  Ask ask_;
};

}  // namespace banter::app
