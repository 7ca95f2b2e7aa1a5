#include "network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

namespace wsload {

namespace {

using std::string;
using std::string_view;

constexpr std::size_t buffer_bytes = 256 * 1024;
constexpr std::size_t out_bytes_max = 1 << 20;
constexpr std::uint64_t frame_bytes_max = 1U << 30;
// The nonce of RFC 6455's example and the accept value that belongs to it.
constexpr string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

string replace_all(string text, string_view from, string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

string system_error(const char* what) { return string(what) + ": " + std::strerror(errno); }

}  // namespace

Network::Network(const Options& options, const Crowd& crowd, Receiver& receiver)
    : options_(options),
      crowd_(crowd),
      receiver_(receiver),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      mask_(static_cast<std::uint32_t>(std::random_device{}()) | 0x01010101U),
      buffer_(buffer_bytes),
      connections_(options.connections) {
  if (epoll_ < 0) die(system_error("epoll_create1"));
}

std::uint32_t Network::index_of(const Connection& connection) const {
  return static_cast<std::uint32_t>(&connection - connections_.data());
}

void Network::connect_all() {
  const Nanos deadline = now_ns() + seconds(options_.connect_timeout);
  while (ready_ + failed_ + lost_ < connections_.size()) {
    while (next_connect_ < connections_.size() && opening_ < options_.connect_concurrency) {
      begin_connect(next_connect_++);
    }
    if (now_ns() > deadline) {
      note_error("connect timeout");
      for (auto& connection : connections_) {
        if (connection.state != State::ready) close(connection);
      }
      break;
    }
    poll_once(now_ns() + second / 10);
  }
  if (ready_ == 0) die("no connection could be opened: " + error_);
}

void Network::bind_source(int fd, std::uint32_t index) {
  if (options_.source_ips <= 1) return;
  const int one = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index % options_.source_ips);
  if (bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof source) != 0) {
    die(system_error("bind"));
  }
}

int Network::port_of(std::uint32_t index) const {
  const bool sends = crowd_.members[index].sender >= 0;
  return sends && options_.sender_port != 0 ? options_.sender_port : options_.port;
}

void Network::begin_connect(std::uint32_t index) {
  Connection& connection = connections_[index];
  connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection.fd < 0) die(system_error("socket (ulimit -n?)"));
  ++opening_;
  connection.state = State::connecting;
  const int one = 1;
  setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  bind_source(connection.fd, index);
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<std::uint16_t>(port_of(index)));
  if (inet_pton(AF_INET, options_.host.c_str(), &target.sin_addr) != 1) {
    die("--host: '" + options_.host + "' is not an IPv4 address");
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&target);
  if (::connect(connection.fd, address, sizeof target) != 0 && errno != EINPROGRESS) {
    note_error(system_error("connect"));
    close(connection);
    return;
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.u32 = index;
  connection.wants_write = true;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
}

void Network::send_upgrade(Connection& connection) {
  const auto index = index_of(connection);
  const Member& member = crowd_.members[index];
  const auto fill = [&](string text) {
    text = replace_all(std::move(text), "{conv}", crowd_.conversations[member.conversation].name);
    text = replace_all(std::move(text), "{token}", member.token);
    return replace_all(std::move(text), "{i}", std::to_string(index));
  };
  string request = "GET " + fill(options_.path) + " HTTP/1.1\r\nHost: " + options_.host + ":" +
                   std::to_string(port_of(index)) +
                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                   string(key) + "\r\n";
  for (const auto& header : options_.headers) request += fill(header) + "\r\n";
  request += "\r\n";
  connection.state = State::upgrading;
  write(connection, request);
}

// Returns how much of the input the response took; 0 if it is incomplete.
std::size_t Network::read_upgrade(Connection& connection, string_view input) {
  const auto end = input.find("\r\n\r\n");
  if (end == string_view::npos) return 0;
  const string_view head = input.substr(0, end + 2);
  if (!head.starts_with("HTTP/1.1 101") || head.find(accept) == string_view::npos) {
    note_error("upgrade refused: " + string(head.substr(0, head.find('\r'))));
    close(connection);
    return 0;
  }
  connection.state = State::opening;
  receiver_.on_open(index_of(connection));
  return end + 4;
}

void Network::become_ready(std::uint32_t index) {
  Connection& connection = connections_[index];
  if (connection.state != State::opening) return;
  connection.state = State::ready;
  --opening_;
  ++ready_;
  last_ready_ = now_ns();
}

void Network::close(Connection& connection) {
  if (connection.state == State::closed) return;
  if (connection.state == State::ready) {
    --ready_;
    ++lost_;
  } else {
    if (connection.state != State::unused) --opening_;
    ++failed_;
  }
  if (connection.fd >= 0) ::close(connection.fd);
  connection.fd = -1;
  connection.state = State::closed;
}

void Network::note_error(const string& what) {
  if (error_.empty()) error_ = what;
}

bool Network::is_ready(std::uint32_t index) const {
  return connections_[index].state == State::ready;
}

bool Network::is_blocked(std::uint32_t index) const {
  return connections_[index].out.size() > out_bytes_max;
}

void Network::send_text(std::uint32_t index, string_view text) {
  send_frame(connections_[index], 0x1, text);
}

void Network::send_frame(Connection& connection, unsigned opcode, string_view payload) {
  frame_.clear();
  frame_ += static_cast<char>(0x80 | opcode);
  if (payload.size() < 126) {
    frame_ += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    frame_ += static_cast<char>(0x80 | 126);
    frame_ += static_cast<char>(payload.size() >> 8);
    frame_ += static_cast<char>(payload.size() & 0xff);
  } else {
    frame_ += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) {
      frame_ += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift & 0xff);
    }
  }
  std::array<char, 4> mask{};
  std::memcpy(mask.data(), &mask_, mask.size());
  frame_.append(mask.data(), mask.size());
  const std::size_t start = frame_.size();
  frame_ += payload;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame_[start + i] = static_cast<char>(frame_[start + i] ^ mask[i & 3]);
  }
  write(connection, frame_);
}

void Network::write(Connection& connection, string_view bytes) {
  if (connection.fd < 0) return;
  if (connection.out.empty()) {
    const ssize_t n = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
      note_error(system_error("send"));
      close(connection);
      return;
    }
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  connection.out += bytes;
  watch_write(connection, !connection.out.empty());
}

void Network::watch_write(Connection& connection, bool wanted) {
  if (connection.wants_write == wanted || connection.fd < 0) return;
  connection.wants_write = wanted;
  epoll_event event{};
  event.events = EPOLLIN | (wanted ? static_cast<unsigned>(EPOLLOUT) : 0U);
  event.data.u32 = index_of(connection);
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void Network::on_writable(Connection& connection) {
  if (connection.state == State::connecting) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
      note_error(string("connect: ") + std::strerror(error));
      close(connection);
      return;
    }
    send_upgrade(connection);
    if (connection.fd >= 0 && connection.out.empty()) watch_write(connection, false);
    return;
  }
  if (!connection.out.empty()) {
    const auto& out = connection.out;
    const ssize_t n = send(connection.fd, out.data(), out.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
      close(connection);
      return;
    }
    if (n > 0) connection.out.erase(0, static_cast<std::size_t>(n));
  }
  watch_write(connection, !connection.out.empty());
}

void Network::on_readable(Connection& connection) {
  const ssize_t n = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return;
    note_error(n == 0 ? "closed by the server" : system_error("recv"));
    close(connection);
    return;
  }
  ++counters.recv_calls;
  counters.bytes_in += static_cast<std::uint64_t>(n);
  const string_view received(buffer_.data(), static_cast<std::size_t>(n));
  const Nanos now = now_ns();
  if (connection.in.empty()) {
    const std::size_t used = consume(connection, received, now);
    if (connection.fd >= 0 && used < received.size()) connection.in.assign(received.substr(used));
  } else {
    connection.in += received;
    const std::size_t used = consume(connection, connection.in, now);
    if (connection.fd >= 0) connection.in.erase(0, used);
  }
  receiver_.on_read_end();
}

std::size_t Network::consume(Connection& connection, string_view input, Nanos now) {
  std::size_t at = 0;
  if (connection.state == State::upgrading) {
    at = read_upgrade(connection, input);
    if (at == 0) return 0;
  }
  while (connection.fd >= 0 && input.size() - at >= 2) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(input.data()) + at;
    std::size_t header = 2;
    std::uint64_t length = bytes[1] & 0x7f;
    if (length >= 126) {
      header = length == 126 ? 4 : 10;
      if (input.size() - at < header) break;
      length = 0;
      for (std::size_t i = 2; i < header; ++i) length = length << 8 | bytes[i];
    }
    if ((bytes[1] & 0x80) != 0 || length > frame_bytes_max) {
      note_error("bad frame from the server");
      close(connection);
      break;
    }
    if (input.size() - at < header + length) break;
    on_frame(connection, bytes[0], input.substr(at + header, length), now);
    at += header + length;
  }
  return at;
}

void Network::on_frame(Connection& connection, unsigned first, string_view payload, Nanos now) {
  const unsigned opcode = first & 15;
  const bool final = (first & 0x80) != 0;
  if (opcode >= 8) {
    if (opcode == 9) send_frame(connection, 10, payload);
    if (opcode == 8) {
      note_error("close frame from the server");
      send_frame(connection, 8, payload);
      close(connection);
    }
    return;
  }
  if (opcode != 0 && final) {
    receiver_.on_message(index_of(connection), payload, now);
    return;
  }
  connection.fragments += payload;
  if (final) {
    const string whole = std::exchange(connection.fragments, {});
    receiver_.on_message(index_of(connection), whole, now);
  }
}

void Network::poll_once(Nanos wake) {
  const Nanos now = now_ns();
  const Nanos wait = wake > now && !options_.spin ? wake - now : 0;
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(wait / second);
  timeout.tv_nsec = static_cast<long>(wait % second);
  const int n =
      epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  for (int i = 0; i < n; ++i) {
    const auto& event = events_[static_cast<std::size_t>(i)];
    Connection& connection = connections_[event.data.u32];
    constexpr unsigned broken = EPOLLERR | EPOLLHUP;
    if (connection.fd >= 0 && (event.events & (EPOLLOUT | broken)) != 0 &&
        (connection.wants_write || connection.state == State::connecting)) {
      on_writable(connection);
    }
    if (connection.fd >= 0 && (event.events & (EPOLLIN | broken)) != 0 &&
        connection.state != State::connecting) {
      on_readable(connection);
    }
  }
}

}  // namespace wsload
