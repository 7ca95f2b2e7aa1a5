#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/ascii.hpp"
#include "http/bearer.hpp"
#include "http/routes.hpp"
#include "http/throttling.hpp"

namespace banter::http {
namespace {

constexpr std::string_view template_view = "django.views.generic.base.TemplateView";

constexpr std::array table = {
    Route{.path = "/api/chat/conversations/<id>/history",
          .view = "conv-history",
          .name = "Conversation History",
          .access = Access::required,
          .scope = Scope::messages_read,
          .handler = read_history},
    Route{.path = "/healthz",
          .view = "chat.views.HealthView",
          .name = "Health",
          .handler = report_health},
    Route{.path = "/api/chat/conversations/list",
          .view = "conv-list",
          .name = "List Conversations",
          .access = Access::required,
          .scope = Scope::conversations,
          .handler = list_conversations},
    Route{.path = "/api/chat/conversations",
          .view = "conversations-create",
          .name = "Create Conversation",
          .post = true,
          .access = Access::required,
          .scope = Scope::conversations,
          .handler = create_conversation},
    Route{.path = "/api/users/signup",
          .view = "users.views.SignupView",
          .name = "Signup",
          .post = true,
          .access = Access::optional,
          .scope = Scope::signup,
          .handler = sign_up},
    Route{.path = "/api/users/login",
          .view = "users.views.LoginView",
          .name = "Login",
          .post = true,
          .access = Access::optional,
          .scope = Scope::login,
          .handler = log_in},
    Route{.path = "/api/users/token",
          .view = "token_obtain_pair",
          .name = "Token Obtain Pair",
          .post = true,
          .scope = Scope::login,
          .handler = issue_tokens},
    Route{.path = "/api/users/token/refresh",
          .view = "token_refresh",
          .name = "Token Refresh",
          .post = true,
          .scope = Scope::general,
          .handler = refresh_token},
    Route{.path = "/", .view = template_view, .api = false, .handler = serve_page},
    Route{.path = "/wsdemo/", .view = template_view, .api = false, .handler = serve_page},
    Route{.path = "/wsdemo", .view = "wsdemo-redirect", .api = false, .handler = add_slash},
    Route{.path = "/assets/*", .view = "assets", .api = false, .handler = serve_page},
    Route{.path = "/favicon.ico", .view = "assets", .api = false, .handler = serve_page},
    Route{.path = "/livez",
          .view = "livez",
          .name = "Alive",
          .any_host = true,
          .handler = report_alive},
    Route{.path = "/readyz",
          .view = "readyz",
          .name = "Ready",
          .any_host = true,
          .handler = report_ready},
    Route{.path = "/metrics",
          .view = "prometheus-django-metrics",
          .api = false,
          .any_host = true,
          .handler = report_metrics},
    Route{.path = "", .view = "<unnamed view>", .api = false},
};

constexpr std::string_view allow_post = "POST, OPTIONS";
constexpr std::string_view allow_get = "GET, HEAD, OPTIONS";
constexpr std::string_view api_headers_post = "Vary: Accept\r\nAllow: POST, OPTIONS\r\n";
constexpr std::string_view api_headers_get = "Vary: Accept\r\nAllow: GET, HEAD, OPTIONS\r\n";

bool matches(const Route& route, std::string_view path, std::string_view& id) {
  const auto hole = route.path.find("<id>");
  if (hole != std::string_view::npos) {
    const auto before = route.path.substr(0, hole);
    const auto after = route.path.substr(hole + 4);
    if (!path.starts_with(before) || !path.ends_with(after)) return false;
    if (path.size() <= before.size() + after.size()) return false;
    const auto digits = path.substr(before.size(), path.size() - before.size() - after.size());
    if (!std::ranges::all_of(digits, is_digit)) return false;
    id = digits;
    return true;
  }
  if (route.path.ends_with('*'))
    return path.starts_with(route.path.substr(0, route.path.size() - 1));
  return route.path == path;
}

bool allows(const Route& route, Method method) {
  if (route.post) return method == Method::post;
  return method == Method::get || method == Method::head;
}

Response refuse_method(const Route& route, Method method) {
  auto response = to_response(wire::answer(wire::HttpError::method_not_allowed, name_of(method)));
  if (!route.api) {
    response.headers.append("Allow: ").append(route.post ? allow_post : allow_get).append("\r\n");
  }
  return response;
}

// In DRF's words, for clients that look; what counts is the Allow header.
Response describe(const Route& route) {
  if (!route.api) {
    return {.content_type = {}, .headers = "Allow: " + std::string(allow_get) + "\r\n"};
  }
  std::string body = R"({"name":")";
  body.append(route.name).append(R"(","description":"","renders":["application/json"],)");
  body.append(R"("parses":["application/json","application/x-www-form-urlencoded"]})");
  return json_response(std::move(body));
}

// The refusal, or nothing and exchange.identity is as the route needs it.
Task<std::optional<Response>> authenticate(Exchange& exchange, Access access) {
  if (access == Access::open) co_return std::nullopt;
  const auto token = bearer_token(exchange.request.head.authorization);
  if (!token) co_return to_response(wire::answer(token.error()));
  if (!*token) {
    if (access == Access::optional) co_return std::nullopt;
    co_return to_response(wire::answer(wire::HttpError::no_credentials));
  }
  const auto identity = co_await exchange.services.accounts.identify(**token);
  if (!identity) co_return to_response(wire::answer(identity.error()));
  exchange.identity = *identity;
  co_return std::nullopt;
}

Task<Response> pass_checks(Exchange& exchange, const Route& route) {
  const auto method = exchange.request.head.method;
  if (auto refused = co_await authenticate(exchange, route.access)) co_return std::move(*refused);
  if (auto limited = co_await throttle(exchange, route.scope)) co_return std::move(*limited);
  if (method == Method::options) co_return describe(route);
  if (!allows(route, method)) co_return refuse_method(route, method);
  co_return co_await route.handler(exchange);
}

}  // namespace

std::span<const Route> routes() { return table; }

const Route& find_route(std::string_view path, std::string_view& id) {
  const auto known = std::span(table).first(table.size() - 1);
  for (const auto& route : known) {
    if (matches(route, path, id)) return route;
  }
  return table.back();
}

Task<Response> respond(Exchange& exchange) {
  const auto& request = exchange.request;
  const Route& route = find_route(request.target.path, exchange.path_parameter);
  exchange.route = &route;
  const auto& allowed = exchange.services.options.allowed_hosts;
  if (!route.any_host && !allowed.allows(request.head.host)) {
    co_return to_response(wire::answer(wire::HttpError::bad_request));
  }
  // A number is spelled in digits: "%31" names no conversation.
  const bool spelled_out =
      exchange.path_parameter.empty() || request.target.path == request.target.raw_path;
  if (route.handler == nullptr || !spelled_out) {
    co_return to_response(wire::answer(wire::HttpError::not_found));
  }
  auto response = co_await pass_checks(exchange, route);
  if (route.api) response.fixed_headers = route.post ? api_headers_post : api_headers_get;
  co_return response;
}

}  // namespace banter::http
