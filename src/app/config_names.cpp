#include "app/config_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "app/config_values.hpp"
#include "app/config_words.hpp"
#include "http/client_address.hpp"

namespace banter::app {
namespace {

using std::unexpected;

bool host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

// Applies `check` to each entry; the first entry it refuses is the error.
template <class Check>
Parsed<std::vector<std::string>> parse_list(std::string_view text, Check check) {
  std::vector<std::string> list;
  for (const auto& entry : split_list(text)) {
    Parsed<std::string> good = check(entry);
    if (!good) return unexpected(good.error());
    list.push_back(*std::move(good));
  }
  return list;
}

}  // namespace

Parsed<Endpoint> parse_endpoint(std::string_view text) {
  const auto wrong = [&] {
    return unexpected(fmt::format(
        "{} is not HOST:PORT; write, for example, 127.0.0.1:8000 or [::1]:8000", in_quotes(text)));
  };
  const auto word = trimmed(text);
  const auto colon = word.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  const auto port = parse_number(word.substr(colon + 1), 0, 65'535);
  if (!port) return wrong();
  const auto host = word.substr(0, colon);
  Endpoint endpoint{.host = "", .port = static_cast<std::uint16_t>(*port)};
  if (host.empty() || host == "*") {
    endpoint.host = "0.0.0.0";
    return endpoint;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    endpoint.host = host.substr(1, host.size() - 2);
    const auto address = http::parse_address(endpoint.host);
    return address && !address->is_v4() ? Parsed<Endpoint>(endpoint) : wrong();
  }
  if (!host_name(host)) return wrong();
  endpoint.host = host;
  return endpoint;
}

Parsed<std::vector<std::string>> parse_hosts(std::string_view text) {
  return parse_list(text, [](const std::string& entry) -> Parsed<std::string> {
    const bool literal = entry.starts_with('[') && entry.ends_with(']');
    if (entry == "*" || literal || host_name(entry)) return lower_ascii(entry);
    return unexpected(fmt::format(
        "{} is not a host name; write names without scheme and port, separated by commas",
        in_quotes(entry)));
  });
}

Parsed<std::vector<std::string>> parse_origins(std::string_view text) {
  return parse_list(text, [](const std::string& entry) -> Parsed<std::string> {
    const auto origin = lower_ascii(entry);
    if (origin == "*") return origin;
    const std::string_view view = origin;
    const auto scheme = view.find("://");
    if (scheme != std::string_view::npos &&
        (view.substr(0, scheme) == "https" || view.substr(0, scheme) == "http")) {
      const auto rest = view.substr(scheme + 3);
      const auto with_port = parse_endpoint(fmt::format("{}:80", rest));
      if (host_name(rest) || (rest.ends_with(']') && with_port) ||
          (parse_endpoint(rest) && !rest.starts_with(':') && !rest.starts_with('*'))) {
        return origin;
      }
    }
    return unexpected(fmt::format(
        "{} is not an origin; write, for example, https://chat.example.com, without a path",
        in_quotes(entry)));
  });
}

Parsed<std::vector<std::string>> parse_networks(std::string_view text) {
  return parse_list(text, [](const std::string& entry) -> Parsed<std::string> {
    http::TrustedProxies judge;
    if (judge.add(entry)) return entry;
    return unexpected(
        fmt::format("{} is not an address or a network; write, for example, 10.0.0.0/8 or ::1",
                    in_quotes(entry)));
  });
}

std::string show(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.host, v6 ? "]" : "", endpoint.port);
}

}  // namespace banter::app
