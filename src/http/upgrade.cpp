#include "http/upgrade.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "http/ascii.hpp"
#include "http/response_text.hpp"
#include "wire/forms.hpp"

namespace banter::http {
namespace {

constexpr std::size_t epoch_characters_max = 32;

// "/ws/chat/<id>/" behind any number of slashes, as the replaced system routed it.
std::optional<std::string_view> conversation_in(std::string_view path) {
  constexpr std::string_view prefix = "ws/chat/";
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  if (!path.starts_with(prefix) || !path.ends_with('/')) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (path.empty()) return std::nullopt;
  path.remove_suffix(1);
  if (path.empty() || !std::ranges::all_of(path, is_digit)) return std::nullopt;
  return path;
}

std::unexpected<Response> refuse(wire::HttpError error) {
  auto response = to_response(wire::answer(error));
  response.close = true;
  return std::unexpected(std::move(response));
}

// What clients of the replaced system see for every refusal before the handshake.
std::unexpected<Response> forbid() {
  return std::unexpected(Response{.status = 403, .content_type = content_text, .close = true});
}

std::unexpected<Response> ask_for_upgrade() {
  auto response = to_response(wire::answer(wire::HttpError::bad_request));
  response.status = 426;
  response.headers = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  response.close = true;
  return std::unexpected(std::move(response));
}

// 24 characters that are the base64 of 16 bytes.
bool is_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") && key[21] != '=' &&
         std::ranges::all_of(key.substr(0, 22), [](char c) {
           return is_alpha(c) || is_digit(c) || c == '+' || c == '/';
         });
}

// The refusal of a request whose form is wrong; nullopt: it is a proper handshake.
std::optional<std::unexpected<Response>> check_form(const Request& request) {
  const auto& head = request.head;
  if (head.method != Method::get) {
    auto refused =
        to_response(wire::answer(wire::HttpError::method_not_allowed, name_of(head.method)));
    refused.headers = "Allow: GET\r\n";
    refused.close = true;
    return std::unexpected(std::move(refused));
  }
  if (!head.http_1_1 || !head.upgrade_websocket || !head.connection_upgrade) {
    return ask_for_upgrade();
  }
  if (!head.websocket_version || head.websocket_version->empty()) {
    return refuse(wire::HttpError::bad_request);
  }
  if (*head.websocket_version != "13") return ask_for_upgrade();
  if (!head.websocket_key || !is_key(*head.websocket_key) || !request.body.empty()) {
    return refuse(wire::HttpError::bad_request);
  }
  return std::nullopt;
}

// Fills in since and epoch. False: malformed.
bool read_resume(const wire::Form& query, UpgradeRequest& upgrade) {
  const auto count = [&](std::string_view name) {
    return std::ranges::count(query.fields(), name, &std::pair<std::string, std::string>::first);
  };
  if (count("since") > 1 || count("epoch") > 1) return false;
  if (const auto since = query.first("since")) {
    std::int64_t value = 0;
    const auto end = since->data() + since->size();
    const auto [stop, error] = std::from_chars(since->data(), end, value);
    if (*since == "latest") {
      upgrade.since_latest = true;
    } else if (error != std::errc{} || stop != end || !is_digit(since->front())) {
      return false;
    } else {
      upgrade.since = Seq{value};
    }
  }
  const auto epoch = query.first("epoch").value_or(std::string_view());
  const auto printable = [](char c) { return c > 0x20 && c < 0x7F; };
  if (epoch.size() > epoch_characters_max || !std::ranges::all_of(epoch, printable)) return false;
  upgrade.epoch = epoch;
  return true;
}

bool origin_allowed(const Request& request, const Options& options) {
  const auto& origin = request.head.origin;
  if (options.allowed_origins.empty() || !origin) return true;
  return std::ranges::any_of(options.allowed_origins, [&](const std::string& allowed) {
    return equals_ignoring_case(allowed, *origin);
  });
}

std::string build_head_101(const Request& request) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\n";
  head.append(common_headers());
  head.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
  head.append(accept_key(*request.head.websocket_key));
  head.append("\r\nX-Request-Id: ").append(request.request_id).append("\r\n\r\n");
  return head;
}

}  // namespace

bool concerns_upgrade(const Request& request) {
  return (request.head.upgrade_websocket && request.head.connection_upgrade) ||
         conversation_in(request.target.path).has_value();
}

Task<std::expected<UpgradeRequest, Response>> grant_upgrade(Exchange& exchange) {
  const auto& request = exchange.request;
  auto& services = exchange.services;
  if (!services.options.allowed_hosts.allows(request.head.host)) {
    co_return refuse(wire::HttpError::bad_request);
  }
  const auto digits = conversation_in(request.target.path);
  if (!digits) co_return refuse(wire::HttpError::not_found);
  if (auto malformed = check_form(request)) co_return std::move(*malformed);
  if (!origin_allowed(request, services.options)) co_return refuse(wire::HttpError::origin_refused);
  const auto query = wire::Form::parse(request.target.query);
  if (!query) co_return refuse(wire::HttpError::too_many_fields);

  UpgradeRequest upgrade;
  const auto conversation = wire::path_id(*digits);
  const std::string token(query->first("token").value_or(std::string_view()));
  if (token.empty() || !conversation || conversation->value == 0) co_return forbid();
  const auto identity = co_await services.accounts.identify(token);
  if (!identity) co_return forbid();
  exchange.identity = *identity;
  if (!read_resume(*query, upgrade)) co_return refuse(wire::HttpError::bad_since);
  const auto access = co_await services.store.access(*conversation, identity->user);
  if (!access) co_return forbid();

  upgrade.conversation = *conversation;
  upgrade.identity = *identity;
  upgrade.access = *access;
  upgrade.head_101 = build_head_101(request);
  co_return upgrade;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 29> base64{};  // 28 characters and the NUL that OpenSSL adds
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {base64.begin(), base64.begin() + 28};
}

}  // namespace banter::http
