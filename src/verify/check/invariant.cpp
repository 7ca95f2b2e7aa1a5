#include "verify/check/invariant.hpp"

#include <array>

namespace banter::verify {
namespace {

constexpr std::array<InvariantWords, invariants_count> all{{
    {"acked_is_stored", "what was acknowledged is in the final history, as it was acknowledged"},
    {"stored_once", "a client_id is stored at one seq, however often it is sent"},
    {"read_was_sent", "what is read was sent before, by the user whom it names"},
    {"log_is_whole", "every history is a stretch of seqs without hole or repeat"},
    {"one_message_per_seq", "a seq is the same message for everyone, on every node, ever"},
    {"socket_order", "the seqs of a socket rise by one, across the seam of history and live"},
    {"resume_joins", "a resume begins where the client left off, or says reset"},
    {"sender_order", "what one socket sent is stored in the order it was sent"},
    {"read_has_acked", "what was acknowledged before a read began is in it"},
    {"head_never_falls", "what was stored before a read began is not missing from it"},
    {"ack_orders_sends", "a send that begins after an ack comes after it in the log"},
    {"members_only", "nobody who is not a member gets anything, or is stored"},
    {"no_ack_without_store", "nothing is acknowledged while the store is out"},
    {"seen_stays", "what anybody saw is in the final history"},
    {"resend_same_ack", "a resend gets the ack of the first send, and every ack has its send"},
    {"conflict_on_other_body", "a client_id with another text is a conflict, and nothing else is"},
    {"epoch_moves_forward", "an epoch ends only by a restore or promotion, and for ever"},
    {"complete_after_fault", "everybody who is connected has everything soon", true},
    {"sends_succeed", "sends succeed soon", true},
    {"clients_return", "clients are back soon", true},
    {"neighbours_unharmed", "a slow or flooding client does not slow the others", true},
    {"resources_return", "memory and descriptors return to where they were", true},
}};

}  // namespace

std::span<const InvariantWords, invariants_count> invariants() { return all; }

}  // namespace banter::verify
