#include "http/host_check.hpp"

#include <algorithm>
#include <optional>

#include "http/ascii.hpp"

namespace banter::http {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-';
  });
}

bool is_bracketed_v6(std::string_view text) {
  if (text.size() < 4 || !text.starts_with('[') || !text.ends_with(']')) return false;
  const auto inside = text.substr(1, text.size() - 2);
  return inside.find(':') != std::string_view::npos && std::ranges::all_of(inside, [](char c) {
           return hex_value(c) >= 0 || c == ':' || c == '.';
         });
}

// The host without its port; nullopt: malformed.
std::optional<std::string_view> host_name(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto name = host.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = host.substr(colon + 1);
    if (port.empty() || !std::ranges::all_of(port, is_digit)) return std::nullopt;
  }
  if (!is_name(name) && !is_bracketed_v6(name)) return std::nullopt;
  return name;
}

bool same(std::string_view name, std::string_view pattern) {
  if (!pattern.starts_with('.')) return equals_ignoring_case(name, pattern);
  if (equals_ignoring_case(name, pattern.substr(1))) return true;
  return name.size() > pattern.size() &&
         equals_ignoring_case(name.substr(name.size() - pattern.size()), pattern);
}

}  // namespace

AllowedHosts::AllowedHosts(const std::vector<std::string>& patterns)
    : any_(patterns.empty() || std::ranges::find(patterns, "*") != patterns.end()) {
  for (const auto& pattern : patterns) patterns_.push_back(lower_case(pattern));
}

bool AllowedHosts::allows(std::string_view host) const {
  auto name = host_name(host);
  if (!name) return false;
  if (any_) return true;
  if (name->ends_with('.')) name->remove_suffix(1);
  return std::ranges::any_of(patterns_,
                             [&](const std::string& pattern) { return same(*name, pattern); });
}

}  // namespace banter::http
