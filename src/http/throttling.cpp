#include "http/throttling.hpp"

#include <string>
#include <utility>
#include <vector>

#include "http/ascii.hpp"

namespace banter::http {
namespace {

// Longer names are no account; they share the bucket of their first bytes.
constexpr std::size_t account_bytes_max = 320;

void add(std::vector<chat::Quota>& quotas, std::string_view scope, std::string identity,
         chat::Rate rate) {
  if (rate.count == 0) return;
  quotas.push_back({.scope = scope, .identity = std::move(identity), .rate = rate});
}

std::vector<chat::Quota> quotas_of(Exchange& exchange, Scope scope) {
  const auto& rates = exchange.services.options.rates;
  std::vector<chat::Quota> quotas;
  const auto user =
      exchange.identity ? std::to_string(exchange.identity->user.value) : std::string();
  const auto who = [&] { return exchange.identity ? user : exchange.client(); };
  if (!exchange.identity && rates.anonymous.count > 0) {
    add(quotas, "anon", exchange.client(), rates.anonymous);
  }
  if (rates.authenticated.count > 0) add(quotas, "user", who(), rates.authenticated);
  switch (scope) {
    case Scope::unlimited:
    case Scope::general:
      break;
    case Scope::signup:
      if (rates.signup.count > 0) add(quotas, "signup", who(), rates.signup);
      break;
    case Scope::login:
      if (rates.login.count > 0) add(quotas, "login", exchange.client(), rates.login);
      break;
    case Scope::conversations:
      if (rates.conversations.count > 0) add(quotas, "conversations", who(), rates.conversations);
      break;
    case Scope::messages_read:
      if (rates.messages_read.count > 0) add(quotas, "messages-read", who(), rates.messages_read);
      break;
  }
  return quotas;
}

std::vector<chat::Quota> guess_quotas(Exchange& exchange, std::string_view account) {
  const auto& rates = exchange.services.options.rates;
  const auto name = lower_case(account.substr(0, account_bytes_max));
  std::vector<chat::Quota> quotas;
  add(quotas, "login-failures", name + ' ' + exchange.client(), rates.login_failures);
  add(quotas, "account-failures", name, rates.account_failures);
  return quotas;
}

std::optional<Response> refusal(chat::Verdict verdict) {
  if (verdict.admitted) return std::nullopt;
  return to_response(wire::answer(wire::HttpError::throttled, {}, verdict.retry_after));
}

}  // namespace

Task<std::optional<Response>> throttle(Exchange& exchange, Scope scope) {
  if (scope == Scope::unlimited) co_return std::nullopt;
  auto quotas = quotas_of(exchange, scope);
  if (quotas.empty()) co_return std::nullopt;
  co_return refusal(co_await exchange.services.throttle.admit(std::move(quotas), steady_now()));
}

Task<std::optional<Response>> throttle_guesses(Exchange& exchange, std::string_view account) {
  auto quotas = guess_quotas(exchange, account);
  if (quotas.empty()) co_return std::nullopt;
  co_return refusal(co_await exchange.services.throttle.peek(std::move(quotas), steady_now()));
}

Task<> count_failed_login(Exchange& exchange, std::string_view account) {
  auto quotas = guess_quotas(exchange, account);
  if (quotas.empty()) co_return;
  const auto verdict = co_await exchange.services.throttle.admit(std::move(quotas), steady_now());
  static_cast<void>(verdict);  // this attempt was answered on its own merits
}

}  // namespace banter::http
