#include "http/outcome.hpp"

#include <chrono>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/unavailable.hpp"
#include "http/metrics.hpp"
#include "http/router.hpp"

namespace banter::http {
namespace {

constexpr std::string_view upgrade_view = "websocket";

std::string_view view_of(const Exchange& exchange) {
  return exchange.route != nullptr ? exchange.route->view : upgrade_view;
}

std::int64_t user_of(const Exchange& exchange) {
  return exchange.identity ? exchange.identity->user.value : 0;
}

bool logs_access(const Exchange& exchange) {
  return exchange.services.options.access_log && log::enabled(log::Level::info);
}

}  // namespace

// RFC 9110 would have 501 and 505 for some of these; but what a client gets wrong is never a 5xx,
// which is what alerts watch.
wire::Answer answer_to(HeadError error) {
  switch (error) {
    case HeadError::malformed:
    case HeadError::unknown_method:
    case HeadError::unknown_encoding:
    case HeadError::version_not_supported:
      return wire::answer(wire::HttpError::bad_request);
    case HeadError::too_many_headers:
      return wire::answer(wire::HttpError::head_too_large);
  }
  ASSERT(false, "the switch names every error");
}

Response answer_to(std::exception_ptr thrown, const Exchange& exchange) {
  const auto view = view_of(exchange);
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const Unavailable& accident) {
    exchange.services.metrics.exception(view, "Unavailable");
    log::warn("http_unavailable", {{"view", view}, {"reason", accident.what()}});
    return to_response(wire::answer(wire::HttpError::unavailable, {}, accident.retry_after()));
  } catch (const std::exception& bug) {
    exchange.services.metrics.exception(view, "Internal");
    log::error("http_internal_error", {{"view", view}, {"reason", bug.what()}});
    return to_response(wire::answer(wire::HttpError::internal));
  }
}

void note_answer(const Exchange& exchange, const Response& response, SteadyTime::duration took) {
  const auto& request = exchange.request;
  const bool head_only = request.head.method == Method::head;
  const std::size_t bytes = head_only ? 0 : response.body_bytes();
  exchange.services.metrics.answered({
      .route = *exchange.route,
      .method = request.head.method,
      .status = response.status,
      .request_bytes = request.body.size(),
      .response_bytes = bytes,
      .seconds = std::chrono::duration<double>(took).count(),
      .ajax = request.head.ajax,
      .template_name = response.template_name,
  });
  if (!logs_access(exchange)) return;
  log::info("http_request",
            {{"method", name_of(request.head.method)},
             {"view", exchange.route->view},
             {"status", response.status},
             {"bytes", bytes},
             {"us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()},
             {"request_id", request.request_id},
             {"user", user_of(exchange)}});
}

void note_upgrade(const Exchange& exchange, unsigned status, ConversationId conversation) {
  exchange.services.metrics.upgrade_answered(status);
  if (!logs_access(exchange)) return;
  log::info("http_upgrade", {{"status", status},
                             {"request_id", exchange.request.request_id},
                             {"user", user_of(exchange)},
                             {"conversation", conversation.value}});
}

void note_unreadable(Services& services, unsigned status) {
  services.metrics.unreadable(status);
  log::debug("http_unreadable", {{"status", status}});
}

}  // namespace banter::http
