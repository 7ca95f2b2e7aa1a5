// Whether a Host header is well-formed and one of ours, as Django's ALLOWED_HOSTS says it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banter::http {

// Patterns: "chat.example.com" that name alone; ".example.com" it and every name below it; "*" any.
// Compared without port, without a final dot, in any case. An IPv6 host is written in brackets.
class AllowedHosts {
 public:
  AllowedHosts() : any_(true) {}
  // No pattern at all: any.
  explicit AllowedHosts(const std::vector<std::string>& patterns);
  // False as well for a Host that is malformed: empty, a blank, a bad port.
  [[nodiscard]] bool allows(std::string_view host) const;
  // No Host at all, as in HTTP/1.0 (HAProxy's checks, for example): fine where any would be.
  [[nodiscard]] bool allows(std::optional<std::string_view> host) const {
    return host ? allows(*host) : any_;
  }

 private:
  std::vector<std::string> patterns_;  // lower-cased
  bool any_ = false;
};

}  // namespace banter::http
