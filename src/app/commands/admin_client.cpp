#include "app/commands/admin_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "app/commands/local_admin.hpp"
#include "app/config_stores.hpp"
#include "app/local_address.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr auto answer_wait_max = 60s;  // password hashing waits its turn, and so do commits
constexpr auto start_wait_max = 3s;    // of a server that holds the lock but does not listen yet
constexpr auto start_poll = 50ms;

class Socket {
 public:
  Socket() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] bool connect(const std::string& name) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof(address.sun_path) - 1));
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
           0;
  }

  void limit_waits(std::chrono::seconds patience) const {
    const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }

  [[nodiscard]] bool write(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Up to the LF, which is left out; empty: the other side left, or took too long.
  [[nodiscard]] std::string read_line() const {
    std::string line;
    std::array<char, 4096> piece{};
    while (line.size() <= admin_line_bytes_max) {
      const auto got = ::recv(descriptor_, piece.data(), piece.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return {};
      line.append(piece.data(), static_cast<std::size_t>(got));
      if (line.ends_with('\n')) {
        line.pop_back();
        return line;
      }
    }
    return {};
  }

 private:
  int descriptor_;
};

AdminAnswer ask_or_explain(const std::filesystem::path& socket, const json::object& question) {
  // A backup takes as long as the disk needs.
  const bool backup = question.at("command") == "backup";
  auto answer = ask_server(socket, question, backup ? 0s : answer_wait_max);
  if (answer) return *std::move(answer);
  return AdminAnswer::unavailable(
      answer.error() == SocketFailure::nobody
          ? "the server is gone"
          : "the server did not answer; whether the command was carried out is not known");
}

}  // namespace

std::expected<AdminAnswer, SocketFailure> ask_server(const std::filesystem::path& path,
                                                     const json::object& question,
                                                     std::chrono::seconds patience) {
  try {
    const LocalAddress address(path);
    const Socket socket;
    if (!socket.connect(address.name())) return std::unexpected(SocketFailure::nobody);
    socket.limit_waits(patience);
    if (!socket.write(question_line(question))) return std::unexpected(SocketFailure::broken);
    auto answer = read_answer(socket.read_line());
    if (!answer) return std::unexpected(SocketFailure::broken);
    return *std::move(answer);
  } catch (const boost::system::system_error&) {
    return std::unexpected(SocketFailure::nobody);
  }
}

std::expected<AdminClient, Failure> AdminClient::reach(const Config& config) {
  const auto path = admin_socket_path(config.data);
  const auto deadline = std::chrono::steady_clock::now() + start_wait_max;
  for (;;) {
    if (ask_server(path, json::object{{"command", "status"}}, answer_wait_max)) {
      return AdminClient([path](json::object question) { return ask_or_explain(path, question); });
    }
    if (!names_postgres(config.database)) {
      if (auto own = check_owner(config.data); !own) return std::unexpected(own.error());
    }
    auto local = LocalAdmin::open(config);
    if (local) {
      return AdminClient([admin = *std::move(local)](json::object question) {
        return admin->ask(std::move(question));
      });
    }
    if (local.error().kind != store::OpenFailure::Kind::locked) {
      return std::unexpected(failure_of(local.error(), config.data.string()));
    }
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(start_poll);
  }
  return std::unexpected(Failure{
      .message = fmt::format("{} is held by a server that does not answer at {}; is it starting, "
                             "stopping, or another user's?",
                             config.data.string(), path.string())});
}

std::expected<json::value, Failure> AdminClient::ask(json::object question) {
  auto answer = ask_(std::move(question));
  if (answer.kind != AdminAnswer::Kind::ok) return std::unexpected(failure_of(answer));
  return std::move(answer.result);
}

}  // namespace banter::app
