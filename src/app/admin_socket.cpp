#include "app/admin_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "app/local_address.hpp"
#include "base/log.hpp"

namespace banter::app {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw boost::system::system_error(errno, boost::system::system_category(), path.string());
}

bool may_command(Socket& socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

// Closes the socket unless it is told in time that the step is done.
class Patience {
 public:
  Patience(const std::shared_ptr<Socket>& socket, std::chrono::seconds time)
      : timer_(socket->get_executor(), time) {
    timer_.async_wait([weak = std::weak_ptr(socket)](boost::system::error_code error) {
      if (error) return;
      boost::system::error_code ignored;
      if (const auto late = weak.lock()) late->close(ignored);
    });
  }

 private:
  Timer timer_;  // its destruction cancels the wait
};

}  // namespace

struct AdminSocket::State : std::enable_shared_from_this<State> {
  State(Executor reactor, AdminService& commands, Options given)
      : service(commands), options(std::move(given)), acceptor(reactor) {}

  void listen() {
    const LocalAddress address(options.path);
    if (::unlink(options.path.c_str()) != 0 && errno != ENOENT) fail(options.path);
    acceptor.open(Protocol());
    acceptor.bind(Protocol::endpoint(address.name()));
    // Before listen() nobody can connect, so there is no moment with a wider mode.
    if (::chmod(options.path.c_str(), S_IRUSR | S_IWUSR) != 0) fail(options.path);
    acceptor.listen();
    asio::co_spawn(acceptor.get_executor(), accept(shared_from_this()), asio::detached);
  }

  void stop() {
    if (!acceptor.is_open()) return;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    ::unlink(options.path.c_str());
    for (const auto& socket : waiting) socket->close(ignored);
  }

  // Holds the state alive; ends when the acceptor is closed.
  static Task<> accept(std::shared_ptr<State> self) {
    while (self->acceptor.is_open()) {
      boost::system::error_code error;
      Socket socket = co_await self->acceptor.async_accept(asio::redirect_error(use_task, error));
      if (error == asio::error::operation_aborted || !self->acceptor.is_open()) break;
      if (error) {
        // Out of descriptors, most likely: try again rather than listen no more.
        log::warn("admin_accept_failed", {{"error", error.message()}});
        Timer pause(self->acceptor.get_executor(), std::chrono::seconds{1});
        co_await pause.async_wait(asio::redirect_error(use_task, error));
        continue;
      }
      asio::co_spawn(self->acceptor.get_executor(),
                     converse(self, std::make_shared<Socket>(std::move(socket))), asio::detached);
    }
  }

  struct Counted {
    explicit Counted(std::atomic<std::size_t>& connections) : count(connections) { ++count; }
    ~Counted() { --count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    std::atomic<std::size_t>& count;
  };

  // One question, one answer.
  static Task<> converse(std::shared_ptr<State> self, std::shared_ptr<Socket> socket) {
    const Counted counted(self->connections);
    if (!may_command(*socket)) {
      log::warn("admin_refused", {{"reason", "another user"}});
    } else if (self->connections > 2 * self->options.connections_max) {
      log::warn("admin_refused", {{"reason", "too many connections"}});
    } else if (self->connections > self->options.connections_max) {
      co_await write(self, socket, AdminAnswer::unavailable("the server is busy with commands"));
      // A close with the question unread would be a reset, and could cost the client its answer.
      co_await read(self, socket);
    } else if (auto line = co_await read(self, socket)) {
      auto question = read_question(*line);
      auto answer = question ? AdminAnswer::ok() : question.error();
      if (question) answer = co_await self->service.execute(*std::move(question));
      co_await write(self, socket, answer);
    }
  }

  // nullopt: it left, took too long, or sent too much (and was told so).
  static Task<std::optional<std::string>> read(std::shared_ptr<State> self,
                                               std::shared_ptr<Socket> socket) {
    std::string line;
    boost::system::error_code error;
    {
      const Patience patience(socket, self->options.patience);
      self->waiting.push_back(socket);
      co_await asio::async_read_until(*socket, asio::dynamic_buffer(line, admin_line_bytes_max),
                                      '\n', asio::redirect_error(use_task, error));
      std::erase(self->waiting, socket);
    }
    if (error == asio::error::not_found) {
      co_await write(self, socket, AdminAnswer::usage("the question is too long"));
      co_return std::nullopt;
    }
    if (error) co_return std::nullopt;
    line.resize(line.find('\n'));
    co_return line;
  }

  static Task<> write(std::shared_ptr<State> self, std::shared_ptr<Socket> socket,
                      AdminAnswer answer) {
    const auto line = answer_line(answer);
    boost::system::error_code ignored;
    const Patience patience(socket, self->options.patience);
    co_await asio::async_write(*socket, asio::buffer(line),
                               asio::redirect_error(use_task, ignored));
  }

  AdminService& service;
  Options options;
  Acceptor acceptor;
  std::atomic<std::size_t> connections = 0;
  std::vector<std::shared_ptr<Socket>> waiting;  // for a question
};

AdminSocket::AdminSocket(Executor reactor, AdminService& service, Options options)
    : state_(std::make_shared<State>(reactor, service, std::move(options))) {
  state_->listen();
}

AdminSocket::~AdminSocket() { stop(); }

void AdminSocket::stop() { state_->stop(); }

bool AdminSocket::idle() const { return state_->connections == 0; }

}  // namespace banter::app
