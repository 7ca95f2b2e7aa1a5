// How a request ended: accidents and refusals become responses, and every end is counted and, where
// wanted, logged in one line (never a query, a token or an address). Any reactor.
#pragma once

#include <exception>

#include "base/clock.hpp"
#include "http/exchange.hpp"
#include "http/head_check.hpp"

namespace banter::http {

// What the client of a head that was refused is told.
[[nodiscard]] wire::Answer answer_to(HeadError error);

// What an accident (503) or a bug (500) in a handler looks like from outside. Logged here, once.
[[nodiscard]] Response answer_to(std::exception_ptr thrown, const Exchange& exchange);

// took: from the whole request read to the response written.
void note_answer(const Exchange& exchange, const Response& response, SteadyTime::duration took);

// status: 101, or that of the refusal.
void note_upgrade(const Exchange& exchange, unsigned status, ConversationId conversation);

// Of a request that could not be read.
void note_unreadable(Services& services, unsigned status);

}  // namespace banter::http
