// Summary: the violations in the words of people who lost something. A value.
#pragma once

#include <cstdint>

#include "verify/check/verdict.hpp"

namespace banter::verify {

struct Summary {
  std::uint64_t lost = 0;             // acknowledged or seen, and not there at the end
  std::uint64_t doubled = 0;          // stored more often than sent
  std::uint64_t gaps = 0;             // on sockets, at resumes, in histories
  std::uint64_t order_conflicts = 0;  // two orders, or one that contradicts what was known
  std::uint64_t leaks = 0;            // to people who are not members
};

[[nodiscard]] inline Summary summary_of(const Verdict& verdict) {
  using enum Invariant;
  const auto sum = [&](auto... which) { return (verdict.count(which) + ...); };
  return {.lost = sum(acked_is_stored, seen_stays),
          .doubled = sum(stored_once),
          .gaps = sum(log_is_whole, socket_order, resume_joins),
          .order_conflicts = sum(one_message_per_seq, sender_order, ack_orders_sends),
          .leaks = sum(members_only)};
}

}  // namespace banter::verify
