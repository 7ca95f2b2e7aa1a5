// The invariants that a history is checked for, by their stable names. What each one means in full
// is in docs/reliability.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace banter::verify {

enum class Invariant : std::uint8_t {
  acked_is_stored,
  stored_once,
  read_was_sent,
  log_is_whole,
  one_message_per_seq,
  socket_order,
  resume_joins,
  sender_order,
  read_has_acked,
  head_never_falls,
  ack_orders_sends,
  members_only,
  no_ack_without_store,
  seen_stays,
  resend_same_ack,
  conflict_on_other_body,
  epoch_moves_forward,
  // Of time and resources: always reported, failing only where strictness is asked for.
  complete_after_fault,
  sends_succeed,
  clients_return,
  neighbours_unharmed,
  resources_return,
};

inline constexpr std::size_t invariants_count = 22;

struct InvariantWords {
  std::string_view name;
  std::string_view promise;  // one sentence
  bool strict = false;       // fails only where strictness is asked for
};

// In the order of the enumeration.
[[nodiscard]] std::span<const InvariantWords, invariants_count> invariants();
[[nodiscard]] inline const InvariantWords& words_of(Invariant invariant) {
  return invariants()[static_cast<std::size_t>(invariant)];
}

}  // namespace banter::verify
