// /api/users/...: sign-up, login, tokens, refresh. Translates between wire and auth::Accounts.
#include <string>
#include <utility>

#include "http/routes.hpp"
#include "http/throttling.hpp"
#include "wire/fields.hpp"
#include "wire/http_json.hpp"

namespace banter::http {
namespace {

auto fields_of(const Request& request) {
  return wire::read_fields(request.head.content_type.value_or(std::string_view()), request.body);
}

// The part that login and the token endpoint share: the throttled check of a password.
Task<std::expected<auth::LoggedIn, Response>> check_password(Exchange& exchange,
                                                             wire::Credentials credentials,
                                                             wire::HttpError refused) {
  if (auto limited = co_await throttle_guesses(exchange, credentials.email)) {
    co_return std::unexpected(std::move(*limited));
  }
  auto session = co_await exchange.services.accounts.log_in(credentials.email,
                                                            std::move(credentials.password));
  if (!session) {
    co_await count_failed_login(exchange, credentials.email);
    co_return std::unexpected(to_response(wire::answer(refused)));
  }
  co_return std::move(*session);
}

}  // namespace

Task<Response> sign_up(Exchange& exchange) {
  auto fields = fields_of(exchange.request);
  if (!fields) co_return to_response(std::move(fields.error()));
  auto wanted = wire::sign_up(*fields);
  if (!wanted) co_return to_response(std::move(wanted.error()));
  const std::string email = wanted->email;
  const auto user = co_await exchange.services.accounts.sign_up(std::move(*wanted));
  if (!user) co_return to_response(wire::answer(user.error()));
  co_return json_response(wire::signed_up(*user, email), 201);
}

Task<Response> log_in(Exchange& exchange) {
  auto fields = fields_of(exchange.request);
  if (!fields) co_return to_response(std::move(fields.error()));
  auto credentials = wire::login(*fields);
  if (!credentials) co_return to_response(std::move(credentials.error()));
  auto session = co_await check_password(exchange, std::move(*credentials),
                                         wire::HttpError::invalid_credentials);
  if (!session) co_return std::move(session.error());
  co_return json_response(wire::logged_in(*session));
}

Task<Response> issue_tokens(Exchange& exchange) {
  auto fields = fields_of(exchange.request);
  if (!fields) co_return to_response(std::move(fields.error()));
  auto credentials = wire::token_request(*fields);
  if (!credentials) co_return to_response(std::move(credentials.error()));
  auto session = co_await check_password(exchange, std::move(*credentials),
                                         wire::HttpError::no_active_account);
  if (!session) co_return std::move(session.error());
  co_return json_response(wire::tokens(session->tokens));
}

Task<Response> refresh_token(Exchange& exchange) {
  auto fields = fields_of(exchange.request);
  if (!fields) co_return to_response(std::move(fields.error()));
  auto token = wire::refresh_request(*fields);
  if (!token) co_return to_response(std::move(token.error()));
  const auto access = co_await exchange.services.accounts.refresh(*token);
  if (!access) co_return to_response(wire::refresh_answer(access.error()));
  co_return json_response(wire::refreshed(*access));
}

}  // namespace banter::http
