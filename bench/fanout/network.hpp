#pragma once
// Many WebSocket client connections on one epoll set: connecting, the upgrade, frames in and out.
// One thread. Knows nothing about what the messages mean: whole text messages go to the Receiver.

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crowd.hpp"
#include "options.hpp"

namespace wsload {

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void on_open(std::uint32_t connection) = 0;
  virtual void on_message(std::uint32_t connection, std::string_view message, Nanos now) = 0;
  // After all messages of one read.
  virtual void on_read_end() = 0;
};

class Network {
 public:
  Network(const Options& options, const Crowd& crowd, Receiver& receiver);

  // Opens every connection; returns when each is ready or has failed, or the time-out passed.
  void connect_all();

  // To be called by the Receiver: this connection takes part from now on.
  void become_ready(std::uint32_t connection);

  // False, and nothing is sent, if the connection is not ready.
  [[nodiscard]] bool is_ready(std::uint32_t connection) const;
  // True if 1 MiB already waits for the server to read.
  [[nodiscard]] bool is_blocked(std::uint32_t connection) const;
  void send_text(std::uint32_t connection, std::string_view text);

  // Waits for events until `wake` at the latest and serves them.
  void poll_once(Nanos wake);

  struct Counters {
    std::uint64_t bytes_in = 0, recv_calls = 0;
  };
  Counters counters;  // reset by whoever measures
  [[nodiscard]] std::uint64_t ready() const { return ready_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] Nanos last_ready() const { return last_ready_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  enum class State : std::uint8_t { unused, connecting, upgrading, opening, ready, closed };

  struct Connection {
    int fd = -1;
    State state = State::unused;
    bool wants_write = false;
    std::string in;         // bytes of an incomplete frame or response
    std::string fragments;  // earlier frames of a fragmented message
    std::string out;        // not yet accepted by the socket
  };

  [[nodiscard]] int port_of(std::uint32_t index) const;
  void begin_connect(std::uint32_t index);
  void bind_source(int fd, std::uint32_t index);
  void send_upgrade(Connection& connection);
  std::size_t read_upgrade(Connection& connection, std::string_view input);
  void close(Connection& connection);
  void note_error(const std::string& what);

  void send_frame(Connection& connection, unsigned opcode, std::string_view payload);
  void write(Connection& connection, std::string_view bytes);
  void watch_write(Connection& connection, bool wanted);
  void on_writable(Connection& connection);
  void on_readable(Connection& connection);
  std::size_t consume(Connection& connection, std::string_view input, Nanos now);
  void on_frame(Connection& connection, unsigned first, std::string_view payload, Nanos now);
  [[nodiscard]] std::uint32_t index_of(const Connection& connection) const;

  const Options& options_;
  const Crowd& crowd_;
  Receiver& receiver_;
  int epoll_ = -1;
  std::uint32_t mask_ = 0;
  std::array<epoll_event, 512> events_{};
  std::vector<char> buffer_;
  std::vector<Connection> connections_;
  std::string frame_;
  std::uint32_t next_connect_ = 0;
  std::uint64_t opening_ = 0, ready_ = 0, failed_ = 0, lost_ = 0;
  Nanos last_ready_ = 0;
  std::string error_;
};

}  // namespace wsload
