#include "verify/check/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "verify/history/history_reader.hpp"

namespace banter::verify {

namespace {

PeriodFigures figures_of(const Period& period) {
  return {
      .id = period.id,
      .what = period.what,
      .target = period.target,
      .load = period.load,
      .line = period.line,
      .begin = period.begin,
      .end = period.end,
      .recovery = period.end ? std::max(period.recovered - *period.end, Instant{0}) : Instant{0},
      .no_ack = period.no_ack,
      .ack = period.ack.figures(),
      .delivery = period.delivery.figures()};
}

}  // namespace

Checker::Checker(const Run& run, const Bounds& bounds)
    : bounds_(bounds),
      findings_(bounds.examples_max),
      periods_({run.nodes.begin(), run.nodes.end()}),
      epochs_(findings_),
      book_(findings_, epochs_),
      sends_(findings_, bounds_, epochs_, book_, periods_, members_),
      sockets_(findings_, bounds_, epochs_, book_, periods_, members_),
      reads_(findings_, bounds_, epochs_, book_, periods_, members_) {
  verdict_.seed = run.seed;
  verdict_.options = run.options;
  verdict_.nodes = periods_.nodes();
}

Checker::Taken Checker::take(Moment now, const Record& record) {
  if (ended_) return std::unexpected("the run has ended");
  ++verdict_.records;
  last_ = now;
  return std::visit([&](const auto& kind) { return on(kind, now); }, record);
}

Checker::Taken Checker::on(const End&, Moment) {
  ended_ = true;
  return {};
}

Checker::Taken Checker::on(const UserMade& made, Moment) {
  if (members_.make(made.user)) return {};
  return std::unexpected(fmt::format("there is a user {} already", made.user.value));
}

Checker::Taken Checker::expect(UserId user) const {
  if (members_.knows(user)) return {};
  return std::unexpected(fmt::format("there is no user {} yet", user.value));
}
Checker::Taken Checker::expect(ConversationId conversation) const {
  if (book_.knows(conversation)) return {};
  return std::unexpected(fmt::format("there is no conversation {} yet", conversation.value));
}

Checker::Taken Checker::on(const ConversationMade& made, Moment) {
  for (const auto member : made.members) {
    if (auto known = expect(member); !known) return known;
  }
  if (!book_.make_conversation(made.conversation, made.first)) {
    return std::unexpected(
        fmt::format("there is a conversation {} already", made.conversation.value));
  }
  members_.make(made);
  return {};
}

Checker::Taken Checker::on(const ChangeBegun& change, Moment now) {
  if (auto known = expect(change.user); !known) return known;
  if (change.what == ChangeKind::add || change.what == ChangeKind::remove) {
    if (auto known = expect(change.conversation); !known) return known;
  }
  return members_.begin(change, now);
}
Checker::Taken Checker::on(const ChangeEnded& change, Moment now) {
  return members_.end(change, now);
}

Checker::Taken Checker::on(const Connect& connect, Moment now) {
  if (auto known = expect(connect.user); !known) return known;
  if (auto known = expect(connect.conversation); !known) return known;
  return sockets_.connect(connect, now);
}

template <class Act>
Checker::Taken Checker::with_socket(SocketId id, Act act) {
  const auto socket = sockets_.find(id);
  if (!socket) return std::unexpected(socket.error());
  act(**socket);
  return {};
}

Checker::Taken Checker::on(const Refused& refused, Moment) {
  return with_socket(refused.socket, [&](Socket& s) { sockets_.refused(s, refused); });
}
Checker::Taken Checker::on(const HistoryFrame& frame, Moment now) {
  return with_socket(frame.socket, [&](Socket& s) { sockets_.history(s, frame, now); });
}
Checker::Taken Checker::on(const LiveMessage& live, Moment now) {
  return with_socket(live.socket, [&](Socket& s) { sockets_.live(s, live, now); });
}
Checker::Taken Checker::on(const Send& send, Moment now) {
  return with_socket(send.socket, [&](Socket& s) { sends_.send(s, send, now); });
}
Checker::Taken Checker::on(const Ack& ack, Moment now) {
  return with_socket(ack.socket, [&](Socket& s) { sends_.ack(s, ack, now); });
}
Checker::Taken Checker::on(const ErrorFrame& error, Moment now) {
  return with_socket(error.socket, [&](Socket& s) { sends_.error(s, error, now); });
}
Checker::Taken Checker::on(const Closed& closed, Moment now) {
  return with_socket(closed.socket, [&](Socket& s) { sockets_.close(s, closed, now); });
}

Checker::Taken Checker::on(const ReadBegun& read, Moment now) {
  if (auto known = expect(read.user); !known) return known;
  if (auto known = expect(read.conversation); !known) return known;
  return reads_.begin(read, now);
}
Checker::Taken Checker::on(const ReadEnded& result, Moment now) { return reads_.end(result, now); }
Checker::Taken Checker::on(const FinalPage& page, Moment now) {
  if (auto known = expect(page.conversation); !known) return known;
  return reads_.final(page, now);
}

Checker::Taken Checker::on(const FaultBegun& fault, Moment now) {
  epochs_.declare({.change = fault.new_epoch || fault.may_lose, .loss = fault.may_lose});
  return periods_.begin(fault, now);
}
Checker::Taken Checker::on(const FaultEnded& fault, Moment now) {
  const auto period = periods_.end(fault, now);
  if (!period) return std::unexpected(period.error());
  epochs_.declared_has_ended((*period)->epoch);
  return {};
}
Checker::Taken Checker::on(const LoadBegun& load, Moment now) { return periods_.begin(load, now); }
Checker::Taken Checker::on(const LoadEnded& load, Moment now) { return periods_.end(load, now); }

Checker::Taken Checker::on(const OutageBegun&, Moment now) {
  if (std::exchange(outage_, true)) return std::unexpected("the store is out already");
  sends_.outage(true, now);
  return {};
}
Checker::Taken Checker::on(const OutageEnded&, Moment now) {
  if (!std::exchange(outage_, false)) return std::unexpected("the store is not out");
  sends_.outage(false, now);
  return {};
}

Checker::Taken Checker::on(const Sample& sample, Moment now) {
  resources_.take(sample, now);
  return {};
}

void Checker::expect_neighbours_unharmed() {
  for (const auto what : {Measured::ack, Measured::delivery}) {
    const auto healthy = periods_.healthy(what).figures();
    if (healthy.count < bounds_.p99_samples_min) continue;
    for (const auto& period : periods_.all()) {
      const auto beside = (what == Measured::ack ? period.ack : period.delivery).figures();
      if (!period.load || beside.count < bounds_.p99_samples_min) continue;
      if (beside.p99 <= healthy.p99 * bounds_.p99_factor + bounds_.p99_margin) continue;
      findings_.add(Invariant::neighbours_unharmed, {period.line},
                    "beside \"{}\" the p99 of {} is {} us, without it {} us", period.what,
                    what == Measured::ack ? "acks" : "deliveries", beside.p99.count(),
                    healthy.p99.count());
    }
  }
}

Verdict Checker::finish() {
  if (!ended_) verdict_.undecided.emplace_back("the history stops before the run's end");
  sockets_.finish(last_, [&](const Socket& socket) { sends_.left_open(socket, last_); });
  for (const auto conversation : book_.finish()) {
    verdict_.undecided.push_back(
        fmt::format("conversation {} was not read completely at the end", conversation.value));
  }
  sends_.finish(last_);
  expect_neighbours_unharmed();
  resources_.finish(findings_, bounds_);
  for (std::size_t i = 0; i < invariants_count; ++i) {
    verdict_.counts[i] = findings_.count(static_cast<Invariant>(i));
  }
  verdict_.findings = findings_.take();
  verdict_.duration = last_.at;
  verdict_.sockets = sockets_.count();
  verdict_.messages = book_.messages();
  verdict_.deliveries = sockets_.deliveries();
  verdict_.sends = sends_.figures();
  verdict_.ack = periods_.healthy(Measured::ack).figures();
  verdict_.delivery = periods_.healthy(Measured::delivery).figures();
  for (const auto& period : periods_.all()) verdict_.periods.push_back(figures_of(period));
  verdict_.resources = resources_.figures();
  return std::move(verdict_);
}

std::expected<Verdict, BadHistory> check(std::istream& history, const Bounds& bounds) {
  HistoryReader reader(history);
  std::optional<Checker> checker;
  for (;;) {
    const auto next = reader.next();
    if (!next) return std::unexpected(next.error());
    if (!*next) return checker->finish();
    const auto& [at, record] = **next;
    if (!checker) checker.emplace(std::get<Run>(record), bounds);
    if (const auto taken = checker->take({.line = reader.line(), .at = at}, record); !taken) {
      return std::unexpected(BadHistory{.line = reader.line(), .why = taken.error()});
    }
  }
}

}  // namespace banter::verify
