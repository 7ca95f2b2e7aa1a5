#include "verify/check/reading.hpp"

#include <algorithm>

namespace banter::verify {

Known known_now(const Epochs& epochs, LogBook& book, ConversationId conversation, Moment now) {
  const Life life = epochs.life();
  const Log& log = book.log(life, conversation);
  return {.asked = now.line,
          .epoch = epochs.newest(),
          .life = life,
          .acked = log.acked,
          .head = log.stated.seq > log.seen.seq ? log.stated : log.seen};
}

void expect_reach(Findings& findings, const Known& known, Life life, Seq reach, Moment now,
                  Seq limit) {
  if (life != known.life) return;
  if (reach < std::min(known.acked.seq, limit)) {
    findings.add(Invariant::read_has_acked, {known.acked.line, known.asked, now.line},
                 "seq {} had been acknowledged before, and the read reaches to seq {}",
                 known.acked.seq.value, reach.value);
  } else if (reach < std::min(known.head.seq, limit)) {
    findings.add(Invariant::head_never_falls, {known.head.line, known.asked, now.line},
                 "seq {} had been seen before, and the read reaches to seq {}",
                 known.head.seq.value, reach.value);
  }
}

std::optional<Seq> first_break(std::span<const Message> messages) {
  const auto broken = std::ranges::adjacent_find(
      messages, [](const Message& a, const Message& b) { return b.seq != a.seq.next(); });
  if (broken == messages.end()) return std::nullopt;
  return (broken + 1)->seq;
}

}  // namespace banter::verify
