// Connection: one HTTP/1.1 client on one reactor: finds the heads, has them checked, reads bodies,
// has one request at a time answered (pipelined ones wait in the bounded buffer, unread), keeps
// alive or closes. Kept alive by its stream and by the request in flight; every call on the
// reactor's thread. It decides nothing about paths: router and upgrade do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/stream.hpp"
#include "base/task.hpp"
#include "http/body_reader.hpp"
#include "http/exchange.hpp"
#include "http/upgrade.hpp"

namespace banter::http {

class Connections;

class Connection final : public base::StreamHandler,
                         public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Connections& owner);
  ~Connection() override;

  void on_open(base::Stream& stream) override;
  void on_input(std::span<char> bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_tick(SteadyTime now) override;
  void on_closed() override;

  // The node goes away: closes now if nothing is in flight, else after the answer.
  void drain();

 private:
  enum class State : std::uint8_t {
    head,      // waits for a request, or reads its head
    body,      // reads its body
    busy,      // a coroutine makes the answer
    finished,  // the last answer is written, or the stream belongs to somebody else
  };

  void advance();
  void continue_later();
  bool step();
  bool read_head();
  bool take_head(std::size_t bytes);
  bool begin_body();
  bool read_body();
  void start();
  void settle();

  Task<> serve(std::shared_ptr<Connection> self);
  Task<> upgrade(std::shared_ptr<Connection> self);
  void finish(const Exchange& exchange, const Response& response);
  void hand_over();
  void refuse(const wire::Answer& answer);
  void refuse(HeadError error);
  void write(const Response& response, bool keep_alive);
  void end_after_flush();

  [[nodiscard]] std::string_view unread() const {
    return std::string_view(input_).substr(consumed_);
  }

  Connections& owner_;
  base::Stream* stream_ = nullptr;  // null once it is gone
  State state_ = State::head;
  bool advancing_ = false;
  bool continuing_ = false;  // advance() will go on in a later turn
  int answered_ = 0;         // by advance(), in this turn
  bool ended_ = false;       // the peer will send no more
  SteadyTime since_{};       // of the state; of the first byte while a head is read
  SteadyTime started_at_{};  // of the request in flight
  std::string input_;        // read from the socket; the first consumed_ bytes are done with
  std::size_t consumed_ = 0;
  std::size_t seen_ = 0;   // of unread(): looked through for the end of the head
  std::string head_text_;  // what request_.head points into
  Request request_;
  std::unique_ptr<BodyReader> body_;
  std::optional<UpgradeRequest> granted_;  // waits for earlier answers to leave
};

}  // namespace banter::http
