// What operators and their probes ask: health, liveness, readiness, metrics.
#include <string>
#include <string_view>
#include <utility>

#include "http/health.hpp"
#include "http/routes.hpp"

namespace banter::http {
namespace {

std::string_view name_of(chat::Durability durability) {
  switch (durability) {
    case chat::Durability::unknown:
      return "unknown";
    case chat::Durability::weak:
      return "weak";
    case chat::Durability::single:
      return "single";
    case chat::Durability::quorum:
      return "quorum";
  }
  std::unreachable();
}

// ok: worth sending requests to. db: the store answers.
Response state(bool ok, bool db, const Health& health) {
  const auto word = [](bool value) -> std::string_view { return value ? "true" : "false"; };
  std::string body = R"({"ok":)";
  body.append(word(ok)).append(R"(,"db":)").append(word(db));
  body.append(R"(,"draining":)").append(word(health.draining()));
  body.append(R"(,"durability":")").append(name_of(health.durability())).append("\"}");
  return json_response(std::move(body), ok ? 200 : 503);
}

}  // namespace

// The contract's health check: is the store there. A node that is going away still says yes.
Task<Response> report_health(Exchange& exchange) {
  auto& health = exchange.services.health;
  const bool up = co_await health.store_up(steady_now());
  co_return state(up, up, health);
}

// Only that the process turns: a lost store is no reason to restart it.
Task<Response> report_alive(Exchange&) { co_return json_response(R"({"ok":true})"); }

Task<Response> report_ready(Exchange& exchange) {
  auto& health = exchange.services.health;
  const bool up = co_await health.store_up(steady_now());
  co_return state(up && !health.draining(), up, health);
}

Task<Response> report_metrics(Exchange& exchange) {
  co_return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                     .body = exchange.services.registry.text()};
}

}  // namespace banter::http
