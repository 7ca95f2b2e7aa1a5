// Checker: takes the records of one history in their order and says whether the promise was kept.
// Pure: what it says follows from the records alone. Memory grows with the messages and client_ids
// of the run (about 300 bytes for each), not with its deliveries; every record costs a few lookups.
// Owned by whoever checks; one thread.
#pragma once

#include <expected>
#include <iosfwd>
#include <string>

#include "verify/check/bounds.hpp"
#include "verify/check/epochs.hpp"
#include "verify/check/findings.hpp"
#include "verify/check/log_book.hpp"
#include "verify/check/members.hpp"
#include "verify/check/periods.hpp"
#include "verify/check/reads.hpp"
#include "verify/check/resources.hpp"
#include "verify/check/sends.hpp"
#include "verify/check/sockets.hpp"
#include "verify/check/verdict.hpp"

namespace banter::verify {

class Checker {
 public:
  Checker(const Run& run, const Bounds& bounds);
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // The error says why the record makes no sense where it stands.
  [[nodiscard]] std::expected<void, std::string> take(Moment now, const Record& record);
  // What is wrong already, whatever comes: some things are known at the end only.
  [[nodiscard]] const std::vector<Finding>& found() const { return findings_.kept(); }
  // Once, after the last record.
  [[nodiscard]] Verdict finish();

 private:
  using Taken = std::expected<void, std::string>;
  [[nodiscard]] Taken on(const Run&, Moment) { return {}; }
  [[nodiscard]] Taken on(const End& end, Moment now);
  [[nodiscard]] Taken on(const UserMade& made, Moment now);
  [[nodiscard]] Taken on(const ConversationMade& made, Moment now);
  [[nodiscard]] Taken on(const ChangeBegun& change, Moment now);
  [[nodiscard]] Taken on(const ChangeEnded& change, Moment now);
  [[nodiscard]] Taken on(const Connect& connect, Moment now);
  [[nodiscard]] Taken on(const Refused& refused, Moment now);
  [[nodiscard]] Taken on(const HistoryFrame& frame, Moment now);
  [[nodiscard]] Taken on(const LiveMessage& live, Moment now);
  [[nodiscard]] Taken on(const Send& send, Moment now);
  [[nodiscard]] Taken on(const Ack& ack, Moment now);
  [[nodiscard]] Taken on(const ErrorFrame& error, Moment now);
  [[nodiscard]] Taken on(const Closed& closed, Moment now);
  [[nodiscard]] Taken on(const ReadBegun& read, Moment now);
  [[nodiscard]] Taken on(const ReadEnded& result, Moment now);
  [[nodiscard]] Taken on(const FinalPage& page, Moment now);
  [[nodiscard]] Taken on(const FaultBegun& fault, Moment now);
  [[nodiscard]] Taken on(const FaultEnded& fault, Moment now);
  [[nodiscard]] Taken on(const LoadBegun& load, Moment now);
  [[nodiscard]] Taken on(const LoadEnded& load, Moment now);
  [[nodiscard]] Taken on(const OutageBegun& outage, Moment now);
  [[nodiscard]] Taken on(const OutageEnded& outage, Moment now);
  [[nodiscard]] Taken on(const Sample& sample, Moment now);

  [[nodiscard]] Taken expect(UserId user) const;
  [[nodiscard]] Taken expect(ConversationId conversation) const;
  template <class Act>
  [[nodiscard]] Taken with_socket(SocketId id, Act act);
  void expect_neighbours_unharmed();

  Verdict verdict_;
  Bounds bounds_;
  Findings findings_;
  Periods periods_;
  Epochs epochs_;
  Members members_;
  LogBook book_;
  Sends sends_;
  Sockets sockets_;
  Reads reads_;
  Resources resources_;
  Moment last_;
  bool outage_ = false;
  bool ended_ = false;
};

// A whole history. The error: it is none, or a broken one.
[[nodiscard]] std::expected<Verdict, BadHistory> check(std::istream& history, const Bounds& bounds);

}  // namespace banter::verify
