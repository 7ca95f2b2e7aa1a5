// Reads: HTTP history, and the complete read of every conversation at the end. Owned by a Checker.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "verify/check/bounds.hpp"
#include "verify/check/log_book.hpp"
#include "verify/check/members.hpp"
#include "verify/check/periods.hpp"
#include "verify/check/socket.hpp"

namespace banter::verify {

class Reads {
 public:
  Reads(Findings& findings, const Bounds& bounds, Epochs& epochs, LogBook& book,
        const Periods& periods, const Members& members)
      : findings_(findings),
        bounds_(bounds),
        epochs_(epochs),
        book_(book),
        periods_(periods),
        members_(members) {}

  // The error says why the record makes no sense.
  [[nodiscard]] std::expected<void, std::string> begin(const ReadBegun& read, Moment now);
  [[nodiscard]] std::expected<void, std::string> end(const ReadEnded& result, Moment now);
  [[nodiscard]] std::expected<void, std::string> final(const FinalPage& page, Moment now);

 private:
  // An HTTP read on its way.
  struct Call {
    UserId user;
    ConversationId conversation;
    std::optional<Seq> before;
    std::optional<Seq> after;
    std::int64_t limit = 0;
    Known known;
    std::optional<Out> out;  // the user was, and for long enough
  };
  // How far the complete read of a conversation from a node has come.
  struct Whole {
    Log* log = nullptr;
    Seq next;
    Mark stated;  // when it began
  };

  [[nodiscard]] std::optional<Out> certainly_out(const ReadBegun& read, NodeNumber node,
                                                 Moment now) const;
  void expect_member(const Call& call, Moment now);
  void expect_stretch(const Call& call, const ReadEnded& result, Moment now);
  void expect_reach_of(const Call& call, const ReadEnded& result, Log& log, Moment now);

  Findings& findings_;
  const Bounds& bounds_;
  Epochs& epochs_;
  LogBook& book_;
  const Periods& periods_;
  const Members& members_;
  boost::unordered_flat_map<std::int64_t, Call> calls_;
  std::map<std::pair<ConversationId, NodeNumber>, Whole> wholes_;
};

}  // namespace banter::verify
