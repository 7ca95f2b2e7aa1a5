// Sockets: what each connection brings: from where the client left off, one seq after the other, to
// members only, and soon. Owned by a Checker.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "verify/check/bounds.hpp"
#include "verify/check/clients.hpp"
#include "verify/check/log_book.hpp"
#include "verify/check/members.hpp"
#include "verify/check/periods.hpp"
#include "verify/check/socket.hpp"

namespace banter::verify {

class Sockets {
 public:
  Sockets(Findings& findings, const Bounds& bounds, Epochs& epochs, LogBook& book, Periods& periods,
          const Members& members)
      : findings_(findings),
        bounds_(bounds),
        epochs_(epochs),
        book_(book),
        periods_(periods),
        members_(members),
        clients_(findings, bounds, periods) {}

  // The error says why the record makes no sense.
  [[nodiscard]] std::expected<void, std::string> connect(const Connect& connect, Moment now);
  [[nodiscard]] std::expected<Socket*, std::string> find(SocketId socket);
  void refused(const Socket& socket, const Refused& refused);
  void history(Socket& socket, const HistoryFrame& frame, Moment now);
  void live(Socket& socket, const LiveMessage& live, Moment now);
  void close(const Socket& socket, const Closed& closed, Moment now);
  // At the end of the run: those that are open, and the clients that are not.
  void finish(Moment end, const std::function<void(const Socket&)>& left_open);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }

 private:
  void first_frame(Socket& socket, const HistoryFrame& frame, Moment now);
  void begin(Socket& socket, const HistoryFrame& frame, Moment now);
  void expect_reset(const Socket& socket, const Extent& extent, Moment now);
  void expect_extent(const Socket& socket, const HistoryFrame& frame, Moment now);
  const Entry* take(Socket& socket, const Message& message, Moment now);
  void expect_member(Socket& socket, Moment now);
  void expect_soon(const Socket& socket, Seq seq, Instant known_at, Line line, Moment now);
  void expect_complete(const Socket& socket, Moment now);

  Findings& findings_;
  const Bounds& bounds_;
  Epochs& epochs_;
  LogBook& book_;
  Periods& periods_;
  const Members& members_;
  Clients clients_;
  boost::unordered_flat_map<std::int64_t, std::unique_ptr<Socket>> open_;
  std::uint64_t count_ = 0;
  std::uint64_t deliveries_ = 0;
};

}  // namespace banter::verify
