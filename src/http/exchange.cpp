#include "http/exchange.hpp"

#include <utility>

namespace banter::http {

Response to_response(wire::Answer answer) {
  Response response{.status = answer.status, .body = std::move(answer.body)};
  if (answer.challenge) {
    response.headers.append("WWW-Authenticate: ").append(wire::challenge_value).append("\r\n");
  }
  if (answer.retry_after) {
    response.headers.append("Retry-After: ")
        .append(std::to_string(answer.retry_after->count()))
        .append("\r\n");
  }
  return response;
}

Response json_response(std::string body, unsigned status) {
  return {.status = status, .body = std::move(body)};
}

const std::string& Exchange::client() {
  if (client_.empty()) {
    const auto lines = std::span(request.head.forwarded_for).first(request.head.forwarded_lines);
    client_ =
        throttle_identity(client_address(request.peer, lines, services.options.trusted_proxies));
  }
  return client_;
}

}  // namespace banter::http
