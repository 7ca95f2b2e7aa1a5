// Reactor: one thread, one Asio io_context, and an epoll set of its own for the streams nested in
// it. (Asio would try a second, failing recv per message, 1.3 µs; measured, see
// docs/decisions/0002.) A turn: read what is readable, run what was posted, flush every dirty
// outbox with one write each, batched through io_uring where that is allowed. Owned by app;
// everything but post() and stop() on its thread.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/batch_sender.hpp"
#include "base/outbox.hpp"
#include "base/stream.hpp"
#include "base/task.hpp"

namespace banter::base {

class Reactor {
 public:
  struct Options {
    std::size_t number = 0;  // names the thread: reactor-0
    std::size_t flushes_per_turn_max = 500;
  };
  explicit Reactor(Options options);
  ~Reactor();  // closes what is still open
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Runs turns until stop() was called and every coroutine has ended, so that nothing suspended
  // outlives what it refers to. Calls from other threads: post() and stop() only.
  void run();
  // Closes all streams and ticks no more.
  void stop();

  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  template <class Function>
  void post(Function&& function) {
    boost::asio::post(context_, std::forward<Function>(function));
  }

  // Takes a connected, non-blocking socket; calls handler->on_open() before it returns.
  Stream& adopt(int socket, std::shared_ptr<StreamHandler> handler);
  [[nodiscard]] std::size_t streams() const { return streams_.size(); }
  // Waiting in the outboxes of all streams, as of the last tick.
  [[nodiscard]] std::size_t outbox_bytes() const { return outbox_bytes_; }
  // The steady clock as of this turn: good enough for limits of seconds, and free.
  [[nodiscard]] SteadyTime turn_time() const { return turn_time_; }
  [[nodiscard]] std::size_t number() const { return options_.number; }

 private:
  friend class Stream;
  static constexpr std::size_t read_bytes_max = 64 * 1024;  // of one stream per turn: fairness
  static constexpr std::size_t events_max = 512;            // ready streams per turn

  void await_ready();
  void turn();
  void on_event(Stream& stream, std::uint32_t events);
  void read_from(Stream& stream);
  void mark_dirty(Stream& stream);
  void end_turn();
  void flush_dirty();
  void flush(Stream& stream);
  void flush_batch();
  [[nodiscard]] bool after_send(Stream& stream, std::ptrdiff_t sent);
  void on_flushed(Stream& stream);
  void schedule_end_turn();
  void retire(Stream& stream);
  void forget(Stream& stream);
  void bury_gone();
  void await_tick();
  void tick();

  Options options_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<Executor> work_;
  int epoll_;  // owned by ready_
  boost::asio::posix::basic_stream_descriptor<Executor> ready_;
  Timer ticker_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<std::unique_ptr<Stream>> gone_;           // told and freed at the end of the turn
  std::vector<std::shared_ptr<StreamHandler>> former_;  // handlers replaced in this turn
  std::vector<Stream*> dirty_;                          // nullptr: closed meanwhile
  std::size_t flushed_ = 0;                             // of dirty_, in earlier slices
  std::unique_ptr<BatchSender> batch_sender_;           // made by run(), on its thread
  std::vector<Stream*> batch_;                          // added to batch_sender_
  OutboxBuffers buffers_;
  std::vector<char> input_;
  SteadyTime turn_time_;
  std::size_t outbox_bytes_ = 0;
  bool in_turn_ = false;
  bool end_scheduled_ = false;
  bool stopping_ = false;
};

}  // namespace banter::base
