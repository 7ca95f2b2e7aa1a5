// Which limits apply to a request (contract, section 4 and deviation 7), asked of chat's Throttle.
#pragma once

#include <optional>
#include <string_view>

#include "base/task.hpp"
#include "http/exchange.hpp"
#include "http/router.hpp"

namespace banter::http {

// The 429, or nothing: the request is counted and may go on.
[[nodiscard]] Task<std::optional<Response>> throttle(Exchange& exchange, Scope scope);

// Guessing passwords: only failures count, under the account and the address, and under the account
// alone, so that a stranger cannot lock anybody out. Unknown accounts are counted alike.
[[nodiscard]] Task<std::optional<Response>> throttle_guesses(Exchange& exchange,
                                                             std::string_view account);
[[nodiscard]] Task<> count_failed_login(Exchange& exchange, std::string_view account);

}  // namespace banter::http
