#include "verify/check/reads.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "verify/check/reading.hpp"
#include "verify/history/record_text.hpp"

namespace banter::verify {

std::expected<void, std::string> Reads::begin(const ReadBegun& read, Moment now) {
  const auto node = periods_.node(read.node);
  if (!node) return std::unexpected(fmt::format("the run has no node \"{}\"", read.node));
  const Call call{.user = read.user,
                  .conversation = read.conversation,
                  .before = read.before,
                  .after = read.after,
                  .limit = read.limit,
                  .known = known_now(epochs_, book_, read.conversation, now),
                  .out = certainly_out(read, *node, now)};
  if (!calls_.try_emplace(read.call.value, call).second) {
    return std::unexpected(fmt::format("call {} was begun already", read.call.value));
  }
  return {};
}

std::optional<Out> Reads::certainly_out(const ReadBegun& read, NodeNumber node, Moment now) const {
  const auto out = members_.out(read.conversation, read.user);
  if (!out || out->always) return out;
  const auto calm = periods_.calm_since(out->since, node);
  return calm && now.at > *calm + bounds_.leave_within ? out : std::nullopt;
}

std::expected<void, std::string> Reads::end(const ReadEnded& result, Moment now) {
  const auto found = calls_.find(result.call.value);
  if (found == calls_.end()) {
    return std::unexpected(fmt::format("no read with call {} is on its way", result.call.value));
  }
  const Call call = found->second;
  calls_.erase(found);
  if (result.status != 200) return {};
  expect_member(call, now);
  expect_stretch(call, result, now);
  std::optional<Life> life;
  if (result.epoch.empty()) {
    life = epochs_.unnamed_life(call.known.asked);
  } else {
    const EpochNumber epoch = epochs_.see(result.epoch, now);
    epochs_.expect_no_return(epoch, call.known.epoch, call.known.asked, now);
    life = epochs_.life_of(epoch);
  }
  if (!life) {
    for (const auto& message : result.messages) {
      book_.read_of_any_life(call.conversation, message, now);
    }
    return {};
  }
  Log& log = book_.log(*life, call.conversation);
  expect_reach_of(call, result, log, now);
  for (const auto& message : result.messages) (void)book_.read(log, message, now);
  return {};
}

// Still out, and nobody has begun to let them in.
void Reads::expect_member(const Call& call, Moment now) {
  if (!call.out || !members_.out(call.conversation, call.user)) return;
  findings_.add(Invariant::members_only, {call.out->line, call.known.asked, now.line},
                "user {}, who is out of conversation {}, has read its history", call.user.value,
                call.conversation.value);
}

void Reads::expect_stretch(const Call& call, const ReadEnded& result, Moment now) {
  if (result.messages.empty()) return;
  const Seq begin = result.messages.front().seq;
  if (const auto broken = first_break(result.messages)) {
    findings_.add(Invariant::log_is_whole, {call.known.asked, now.line},
                  "conversation {}: a read does not go on by one at seq {}",
                  call.conversation.value, broken->value);
  } else if (call.after &&
             begin != std::max(call.after->next(),
                               book_.log(epochs_.life(), call.conversation).first())) {
    findings_.add(Invariant::log_is_whole, {call.known.asked, now.line},
                  "conversation {}: what follows seq {} begins at seq {}", call.conversation.value,
                  call.after->value, begin.value);
  } else if (call.before && result.messages.back().seq >= *call.before) {
    findings_.add(Invariant::log_is_whole, {call.known.asked, now.line},
                  "conversation {}: what lies before seq {} ends at seq {}",
                  call.conversation.value, call.before->value, result.messages.back().seq.value);
  }
}

// A full page of what follows need not reach further.
void Reads::expect_reach_of(const Call& call, const ReadEnded& result, Log& log, Moment now) {
  const auto size = static_cast<std::int64_t>(result.messages.size());
  if (!call.after || size < call.limit) {
    const Seq begin = call.after.value_or(Seq{log.first().value - 1});
    const Seq reach = result.messages.empty() ? begin : result.messages.back().seq;
    const Seq limit{call.before.value_or(Seq{number_max}).value - 1};
    expect_reach(findings_, call.known, log.life(), reach, now, limit);
  }
  if (!result.head) return;
  expect_reach(findings_, call.known, log.life(), *result.head, now);
  log.stated.raise(*result.head, now.line);
}

std::expected<void, std::string> Reads::final(const FinalPage& page, Moment now) {
  const auto node = periods_.node(page.node);
  if (!node) return std::unexpected(fmt::format("the run has no node \"{}\"", page.node));
  const EpochNumber newest = epochs_.newest();
  const EpochNumber epoch = epochs_.see(page.epoch, now);
  epochs_.expect_no_return(epoch, newest, 0, now);
  Log& log = book_.log(epochs_.life_of(epoch), page.conversation);
  const auto [found, begins] = wholes_.try_emplace({page.conversation, *node});
  Whole& whole = found->second;
  if (begins) whole = {.log = &log, .next = log.first(), .stated = log.stated};
  if (whole.log != &log) return std::unexpected("the epoch changed in the middle of a final read");
  for (const auto& message : page.messages) {
    if (message.seq != whole.next) {
      findings_.add(Invariant::log_is_whole, {now.line},
                    "conversation {} from {}: seq {} where {} is due", page.conversation.value,
                    page.node, message.seq.value, whole.next.value);
    }
    (void)book_.read(log, message, now, true);
    whole.next = message.seq.next();
  }
  if (page.more) return {};
  if (whole.next != page.head.next()) {
    findings_.add(Invariant::log_is_whole, {now.line},
                  "conversation {} from {}: ends before seq {}, though the head is {}",
                  page.conversation.value, page.node, whole.next.value, page.head.value);
  } else if (page.head < whole.stated.seq) {
    findings_.add(Invariant::head_never_falls, {whole.stated.line, now.line},
                  "conversation {} from {}: the head was {} and is {}", page.conversation.value,
                  page.node, whole.stated.seq.value, page.head.value);
  }
  log.complete = now.line;
  log.stated.raise(page.head, now.line);
  wholes_.erase(found);
  return {};
}

}  // namespace banter::verify
