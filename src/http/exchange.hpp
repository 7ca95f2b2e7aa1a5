// One request and its response as values, and what handlers work with. A Request points into the
// connection that read it; both live until the response is written.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/accounts.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "chat/conversations.hpp"
#include "chat/limits.hpp"
#include "chat/ports.hpp"
#include "chat/throttle.hpp"
#include "http/client_address.hpp"
#include "http/head_check.hpp"
#include "http/host_check.hpp"
#include "http/target.hpp"
#include "wire/error_table.hpp"

namespace banter::http {

class Health;
class Metrics;
struct Route;

struct Request {
  Head head;
  Target target;
  std::string body;
  std::string request_id;
  Address peer;
};

inline constexpr std::string_view content_json = "application/json";
inline constexpr std::string_view content_text = "text/plain";

struct Response {
  unsigned status = 200;
  std::string_view content_type = content_json;  // a constant; empty: no such header
  std::string_view fixed_headers = {};           // constants; each line ends in CRLF
  std::string headers = {};                      // further ones, likewise
  std::string body = {};
  std::shared_ptr<const std::string> shared_body = {};  // instead of body: sent without copying
  std::string_view template_name = "None";              // a constant; a metrics label
  bool close = false;                                   // end the connection after it

  [[nodiscard]] std::size_t body_bytes() const {
    return shared_body ? shared_body->size() : body.size();
  }
};

// The response that tells an error of wire's table, with its headers.
[[nodiscard]] Response to_response(wire::Answer answer);
// A successful answer of the API.
[[nodiscard]] Response json_response(std::string body, unsigned status = 200);

// Requests per window and identity; count 0 lifts one (contract, deviation 7).
struct Rates {
  chat::Rate signup{2};
  chat::Rate login{5};              // login and token endpoints together, per address
  chat::Rate login_failures{5};     // failed logins per account and address
  chat::Rate account_failures{30};  // failed logins per account
  chat::Rate conversations{5};
  chat::Rate messages_read{10};
  chat::Rate anonymous{20};
  chat::Rate authenticated{120};
};

struct Options {
  AllowedHosts allowed_hosts;
  std::vector<std::string> allowed_origins;  // of sockets; empty: any
  TrustedProxies trusted_proxies;
  Rates rates;
  std::size_t head_bytes_max = chat::head_bytes_max;
  std::size_t body_bytes_max = chat::body_bytes_max;
  std::size_t members_max = chat::members_max;  // of a new conversation
  std::size_t history_max = chat::history_max;  // messages of one answer
  bool access_log = true;
};

// What handlers call. One per reactor; everything in it outlives the connections.
struct Services {
  auth::Accounts& accounts;
  chat::Conversations& conversations;  // of this reactor
  chat::ConversationStore& store;
  chat::Throttle& throttle;
  Health& health;  // of this reactor
  Metrics& metrics;
  base::Metrics& registry;  // what /metrics prints
  const Options& options;
};

// What a handler sees.
struct Exchange {
  Exchange(const Request& what, Services& by) : request(what), services(by) {}

  const Request& request;
  Services& services;
  const Route* route = nullptr;            // once it is found
  std::optional<auth::Identity> identity;  // of a valid token, where the route looks for one
  std::string_view path_parameter;         // the <id> of the route
  // The throttle identity of the client; computed when first asked for.
  [[nodiscard]] const std::string& client();

 private:
  std::string client_;
};

}  // namespace banter::http
