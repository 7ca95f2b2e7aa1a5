// bound: the floor of fan-out. The same rooms and frames with nothing else: no store, no accounts,
// no limits, no time-outs. What Banter costs is told as a ratio to this.
//
//   bound PORT coalesce   frames gather in each connection's buffer; one send() a turn for each
//   bound PORT direct     one send() for each receiver and message

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bound_frame.hpp"
#include "bound_handshake.hpp"

namespace bound {

namespace {

struct Room;

struct Connection {
  int fd = -1;
  bool upgraded = false, dirty = false, wants_write = false;
  Room* room = nullptr;
  std::size_t position = 0;  // in the room's members
  std::string user{}, in{}, out{};
};

struct Room {
  std::vector<Connection*> members;
  std::uint64_t next_id = 1;
};

class Server {
 public:
  Server(int port, bool coalesce);
  [[noreturn]] void run();

 private:
  void accept_all();
  void on_readable(Connection& connection);
  void deliver(Connection& connection, std::string_view frame);
  void flush(Connection& connection);
  void watch_write(Connection& connection, bool wanted);
  void drop(Connection& connection);
  // Bytes used, or -1 if the connection is to be dropped.
  ssize_t consume(Connection& connection, char* input, std::size_t length);
  [[nodiscard]] bool upgrade(Connection& connection, std::string_view input, std::size_t& used);
  void on_text(Connection& connection, std::string_view payload);

  int epoll_ = -1, listener_ = -1;
  bool coalesce_;
  std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
  std::vector<Connection*> dirty_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::string text_, frame_;
};

Server::Server(int port, bool coalesce)
    : epoll_(epoll_create1(0)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)),
      coalesce_(coalesce) {
  const int one = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 4096) != 0) {
    std::perror("bound");
    std::exit(1);
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

void Server::watch_write(Connection& connection, bool wanted) {
  if (connection.wants_write == wanted) return;
  connection.wants_write = wanted;
  epoll_event event{};
  event.events = EPOLLIN | (wanted ? static_cast<unsigned>(EPOLLOUT) : 0U);
  event.data.ptr = &connection;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void Server::flush(Connection& connection) {
  auto& out = connection.out;
  const ssize_t n = send(connection.fd, out.data(), out.size(), MSG_NOSIGNAL);
  if (n > 0 && static_cast<std::size_t>(n) == out.size()) {
    out.clear();
  } else if (n > 0) {
    out.erase(0, static_cast<std::size_t>(n));
  }
  watch_write(connection, !out.empty());
}

void Server::deliver(Connection& connection, std::string_view frame) {
  if (!coalesce_ && connection.out.empty()) {
    const ssize_t n = send(connection.fd, frame.data(), frame.size(), MSG_NOSIGNAL);
    if (n > 0) frame.remove_prefix(static_cast<std::size_t>(n));
    if (frame.empty()) return;
    connection.out.append(frame);
    watch_write(connection, true);
    return;
  }
  connection.out.append(frame);
  if (coalesce_ && !connection.dirty) {
    connection.dirty = true;
    dirty_.push_back(&connection);
  }
}

void Server::drop(Connection& connection) {
  if (connection.room != nullptr) {
    auto& members = connection.room->members;
    members[connection.position] = members.back();
    members[connection.position]->position = connection.position;
    members.pop_back();
  }
  if (connection.dirty) std::erase(dirty_, &connection);
  close(connection.fd);
  delete &connection;
}

bool Server::upgrade(Connection& connection, std::string_view input, std::size_t& used) {
  Handshake handshake = read_handshake(input);
  used = handshake.used;
  if (used == 0) return true;
  const auto& response = handshake.response;
  const ssize_t n = send(connection.fd, response.data(), response.size(), MSG_NOSIGNAL);
  if (n < 0 || static_cast<std::size_t>(n) != response.size()) return false;
  auto& room = rooms_[handshake.conversation];
  if (!room) room = std::make_unique<Room>();
  connection.user = std::move(handshake.token);
  connection.room = room.get();
  connection.position = room->members.size();
  room->members.push_back(&connection);
  connection.upgraded = true;
  return true;
}

void Server::on_text(Connection& connection, std::string_view payload) {
  if (!parse_text(payload, text_)) return;
  build_message_frame(frame_, connection.room->next_id++, connection.user, text_);
  for (Connection* member : connection.room->members) deliver(*member, frame_);
}

ssize_t Server::consume(Connection& connection, char* input, std::size_t length) {
  std::size_t at = 0;
  if (!connection.upgraded) {
    if (!upgrade(connection, {input, length}, at)) return -1;
    if (!connection.upgraded) return 0;
  }
  while (length - at >= 6) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(input) + at;
    std::size_t header = 2;
    std::size_t size = bytes[1] & 127U;
    if (size == 127) return -1;
    if (size == 126) {
      header = 4;
      if (length - at < 8) break;
      size = static_cast<std::size_t>(bytes[2]) << 8 | bytes[3];
    }
    if (length - at < header + 4 + size) break;
    char* payload = input + at + header + 4;
    unmask(payload, size, bytes + header);
    const unsigned opcode = bytes[0] & 15U;
    at += header + 4 + size;
    if (opcode == 8) return -1;
    if (opcode == 9) deliver(connection, frame({payload, size}, 10));
    if (opcode == 1) on_text(connection, {payload, size});
  }
  return static_cast<ssize_t>(at);
}

void Server::on_readable(Connection& connection) {
  const std::size_t have = connection.in.size();
  std::memcpy(buffer_.data(), connection.in.data(), have);
  const ssize_t n = recv(connection.fd, buffer_.data() + have, buffer_.size() - have, 0);
  if (n <= 0) {
    if (n == 0 || errno != EAGAIN) drop(connection);
    return;
  }
  const std::size_t length = have + static_cast<std::size_t>(n);
  const ssize_t used = consume(connection, buffer_.data(), length);
  if (used < 0) {
    drop(connection);
    return;
  }
  const auto begin = static_cast<std::size_t>(used);
  if (have > 0 || begin < length) connection.in.assign(buffer_.data() + begin, length - begin);
}

void Server::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    auto* connection = new Connection{.fd = fd};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void Server::run() {
  std::array<epoll_event, 512> events{};
  for (;;) {
    const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr) {
        accept_all();
        continue;
      }
      auto& connection = *static_cast<Connection*>(event.data.ptr);
      if ((event.events & EPOLLOUT) != 0) flush(connection);
      if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) on_readable(connection);
    }
    for (Connection* connection : dirty_) {
      connection->dirty = false;
      flush(*connection);
    }
    dirty_.clear();
  }
}

}  // namespace

}  // namespace bound

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string_view mode = argc == 3 ? argv[2] : "";
  if (mode != "coalesce" && mode != "direct") {
    std::fputs("usage: bound PORT coalesce|direct\n", stderr);
    return 2;
  }
  bound::Server(std::atoi(argv[1]), mode == "coalesce").run();
}
