// How hosts, origins and networks are spelled in settings. Pure functions; errors as in
// config_words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "app/config_words.hpp"

namespace banter::app {

// "127.0.0.1:8000", "[::1]:8000", "localhost:0", ":8000" (all IPv4 addresses).
[[nodiscard]] Parsed<Endpoint> parse_endpoint(std::string_view text);
// Host names: "chat.example.com", ".example.com" (with everything below it), "*" (any).
[[nodiscard]] Parsed<std::vector<std::string>> parse_hosts(std::string_view text);
// "https://chat.example.com", "http://localhost:3000", "*" (any).
[[nodiscard]] Parsed<std::vector<std::string>> parse_origins(std::string_view text);
// Addresses and networks: "10.0.0.0/8", "::1".
[[nodiscard]] Parsed<std::vector<std::string>> parse_networks(std::string_view text);

// The inverse: parse_endpoint() reads it back.
[[nodiscard]] std::string show(const Endpoint& endpoint);

}  // namespace banter::app
