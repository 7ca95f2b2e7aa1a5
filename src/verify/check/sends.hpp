// Sends: every send with a client_id and what became of it, on whichever socket: one seq, one ack,
// one text. About 80 bytes for each client_id of the run. Owned by a Checker.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>

#include "verify/check/bounds.hpp"
#include "verify/check/log_book.hpp"
#include "verify/check/members.hpp"
#include "verify/check/periods.hpp"
#include "verify/check/socket.hpp"

namespace banter::verify {

struct SendFigures {
  std::uint64_t sends = 0;  // resends included
  std::uint64_t client_ids = 0;
  std::uint64_t acks = 0;
  std::uint64_t unknown = 0;  // client_ids without an ack and without a refusal
};

class Sends {
 public:
  Sends(Findings& findings, const Bounds& bounds, Epochs& epochs, LogBook& book, Periods& periods,
        const Members& members)
      : findings_(findings),
        bounds_(bounds),
        epochs_(epochs),
        book_(book),
        periods_(periods),
        members_(members) {}

  void send(Socket& socket, const Send& send, Moment now);
  void ack(Socket& socket, const Ack& ack, Moment now);
  void error(Socket& socket, const ErrorFrame& error, Moment now);
  void outage(bool begins, Moment now);

  // A socket is still open when the run ends.
  void left_open(const Socket& socket, Moment end);
  void finish(Moment end);
  [[nodiscard]] const SendFigures& figures() const { return figures_; }

 private:
  struct Attempt {
    TextKey text = 0;  // of the ack, else of the first send
    Instant sent_at{0};
    ConversationId conversation;
    Seq seq;            // of the ack
    Line line = 0;      // of the first send
    Line ack_line = 0;  // 0: none yet
    std::uint32_t ts = 0;
    Life life = 0;  // of the ack
    bool refused = false;
    bool rivals = false;  // sent with more than one text
    bool again = false;   // sent more than once, by whichever socket
  };
  // Another text under a client_id.
  struct Rival {
    ClientKey client = 0;
    TextKey text = 0;
    Line line = 0;
  };
  [[nodiscard]] static std::uint64_t key(ClientKey client, TextKey text) {
    return mixed(client ^ mixed(text));
  }

  [[nodiscard]] bool begin(ClientKey client, Attempt& attempt, bool inserted, TextKey text,
                           const Socket& socket, Moment now);
  [[nodiscard]] static Pending* find_pending(Socket& socket, ClientKey client, TextKey text,
                                             bool same_text);
  void first_ack(const Socket& socket, Attempt& attempt, const Pending* pending, const Ack& ack,
                 Log& log, Moment now);
  void compare(const Attempt& attempt, TextKey text, const Ack& ack, Moment now);
  void expect_store(const Pending& pending, Moment now);
  void expect_member(const Socket& socket, const Pending& pending, Moment now);
  void expect_epoch(const Socket& socket, const Pending& pending, EpochNumber epoch, Moment now);
  void settle_in_order(Socket& socket);
  [[nodiscard]] bool sent_once(const Pending& pending) const;
  void refuse(Attempt& attempt);
  void expect_soon(Instant origin, Line sent, Moment now);
  void finish_attempt(const Attempt& attempt);
  void finish_rival(const Rival& rival);

  Findings& findings_;
  const Bounds& bounds_;
  Epochs& epochs_;
  LogBook& book_;
  Periods& periods_;
  const Members& members_;
  boost::unordered_flat_map<ClientKey, Attempt, KeyHash> attempts_;
  boost::unordered_flat_map<std::uint64_t, Rival, KeyHash> rivals_;
  std::optional<Moment> outage_;
  std::uint64_t waiting_ = 0;  // client_ids that have neither ack nor refusal
  Instant waiting_since_{0};   // or since the last ack
  SendFigures figures_;
};

}  // namespace banter::verify
