// Reading: what a read must hold, given what was known when it was asked for; the same for a
// socket's first frames and for HTTP. Pure but for its findings.
#pragma once

#include <limits>
#include <optional>
#include <span>

#include "verify/check/findings.hpp"
#include "verify/check/log_book.hpp"
#include "verify/check/socket.hpp"

namespace banter::verify {

// What is known of a conversation now, before asking about it.
[[nodiscard]] Known known_now(const Epochs& epochs, LogBook& book, ConversationId conversation,
                              Moment now);

// Whether the read, which answers from `life`, reaches as far as it must. `limit` bounds what could
// be asked of it.
void expect_reach(Findings& findings, const Known& known, Life life, Seq reach, Moment now,
                  Seq limit = Seq{std::numeric_limits<std::int64_t>::max()});

// The seq at which the messages do not go on by one from the one before; nullopt if they do.
[[nodiscard]] std::optional<Seq> first_break(std::span<const Message> messages);

}  // namespace banter::verify
