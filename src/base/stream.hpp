// Stream: one accepted socket on one reactor. Input is handed to its handler from the reactor's own
// buffer; output goes through a coalescing outbox that is flushed once per turn. Owned by the
// reactor; every call on the reactor's thread. It speaks no protocol: http/connection and
// ws/session are its handlers, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/outbox.hpp"

namespace banter::base {

class Reactor;
class Stream;

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // The stream stays valid until on_closed() has been called (or release() took the socket away).
  virtual void on_open(Stream& stream) = 0;
  // Bytes may be changed in place (unmasking); they are valid during the call only.
  virtual void on_input(std::span<char> bytes) = 0;
  // The peer will send no more (FIN). The default of most handlers is to close().
  virtual void on_end() = 0;
  // The outbox became empty after it held something.
  virtual void on_drained() {}
  // About once a second, for idle limits, pings, expiry.
  virtual void on_tick(SteadyTime now) = 0;
  // The last call: the stream is gone when this returns. Not called after release().
  virtual void on_closed() = 0;
};

class Stream {
 public:
  // ---- output: takes whole frames; nothing is sent before the end of the turn
  void write(std::string_view frame);
  void write(std::shared_ptr<const std::string> frame);
  [[nodiscard]] std::size_t outbox_bytes() const { return outbox_.bytes(); }
  // Since when the outbox holds something without any byte leaving.
  [[nodiscard]] SteadyTime stalled_since() const { return progress_at_; }
  // Forgets unsent frames (not one that has begun to leave).
  void drop_unsent();

  // ---- input: back-pressure by TCP
  void pause_reading();
  void resume_reading();

  // ---- end
  // Closes now, unsent output is lost; on_closed() follows before the turn ends.
  void close();
  // Closes when the outbox is empty (half-closes, then waits for the peer's FIN at most 2 s, so
  // that the last bytes are not lost to a reset). Input is discarded from now on.
  void close_after_flush();
  [[nodiscard]] bool closing() const { return closed_ || closing_; }

  // Hands further input and events to another handler (the upgrade); on_open() of it is called.
  // The old handler is released at the end of the turn.
  void set_handler(std::shared_ptr<StreamHandler> handler);
  // Takes the socket out of this reactor, to be adopted by another one. The outbox must be empty.
  [[nodiscard]] int release();

  [[nodiscard]] Reactor& reactor() const { return reactor_; }
  // Numeric address of the peer, without port ("127.0.0.1", "::1").
  [[nodiscard]] std::string peer_address() const;

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

 private:
  friend class Reactor;
  Stream(Reactor& reactor, int socket, std::shared_ptr<StreamHandler> handler);
  void update_interest();

  // What a write touches stands first, on two cache lines.
  Reactor& reactor_;
  std::uint32_t dirty_ = not_dirty;  // in the reactor's list of dirty streams
  bool closed_ = false;
  bool closing_ = false;        // close_after_flush() was called
  bool write_blocked_ = false;  // waits for the socket to become writable
  bool reading_ = true;
  Outbox outbox_;
  int socket_;
  bool half_closed_ = false;
  SteadyTime progress_at_{};
  std::shared_ptr<StreamHandler> handler_;
  SteadyTime closing_at_{};
  std::uint32_t place_ = 0;  // in the reactor's list of streams
  static constexpr std::uint32_t not_dirty = ~0u;
};

}  // namespace banter::base
