// Which handler answers, and what stands before it, in the order of the contract (section 1):
// path 404, authentication 401, throttle 429, method 405, and only then the handler with its body
// and validation. The table of routes is constant; handlers are coroutines in *_routes and pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/task.hpp"
#include "http/exchange.hpp"

namespace banter::http {

enum class Access : std::uint8_t {
  open,      // the Authorization header is ignored
  optional,  // no token is needed, but a bad one is refused
  required,
};

enum class Scope : std::uint8_t { unlimited, general, signup, login, conversations, messages_read };

struct Route {
  std::string_view path = {};  // "<id>" stands for digits; a final "*" for anything
  std::string_view view = {};  // the label of its metrics, as recorded
  std::string_view name = {};  // in the answer to OPTIONS
  bool post = false;           // POST and OPTIONS; else GET, HEAD and OPTIONS
  bool api = true;             // its responses say Allow and Vary
  bool any_host = false;       // probes and scrapers name the address they call
  Access access = Access::open;
  Scope scope = Scope::unlimited;
  Task<Response> (*handler)(Exchange&) = nullptr;
};

// The routes and, last, the one that stands for every unknown path.
[[nodiscard]] std::span<const Route> routes();
// Never fails; `id` is set to what "<id>" stood for.
[[nodiscard]] const Route& find_route(std::string_view path, std::string_view& id);

// The whole way of a request. Sets exchange.route and exchange.identity. Throws Unavailable.
[[nodiscard]] Task<Response> respond(Exchange& exchange);

}  // namespace banter::http
