// The handlers of the routes. Each is called when path, token, throttle and method are in order,
// and owes a response for everything else; accidents leave as Unavailable.
#pragma once

#include "base/task.hpp"
#include "http/exchange.hpp"

namespace banter::http {

// account_routes
[[nodiscard]] Task<Response> sign_up(Exchange& exchange);
[[nodiscard]] Task<Response> log_in(Exchange& exchange);
[[nodiscard]] Task<Response> issue_tokens(Exchange& exchange);
[[nodiscard]] Task<Response> refresh_token(Exchange& exchange);

// conversation_routes
[[nodiscard]] Task<Response> create_conversation(Exchange& exchange);
[[nodiscard]] Task<Response> list_conversations(Exchange& exchange);
[[nodiscard]] Task<Response> read_history(Exchange& exchange);

// ops_routes
[[nodiscard]] Task<Response> report_health(Exchange& exchange);
[[nodiscard]] Task<Response> report_alive(Exchange& exchange);
[[nodiscard]] Task<Response> report_ready(Exchange& exchange);
[[nodiscard]] Task<Response> report_metrics(Exchange& exchange);

// pages
[[nodiscard]] Task<Response> serve_page(Exchange& exchange);
[[nodiscard]] Task<Response> add_slash(Exchange& exchange);

}  // namespace banter::http
