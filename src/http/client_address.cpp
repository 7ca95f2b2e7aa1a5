#include "http/client_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "http/ascii.hpp"

namespace banter::http {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

std::optional<Address> parse_entry(std::string_view entry) {
  if (entry.starts_with('[')) {
    const auto end = entry.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = entry.substr(end + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return std::nullopt;
    const auto address = parse_address(entry.substr(1, end - 1));
    return address && !address->is_v4() ? address : std::nullopt;
  }
  const auto colon = entry.find(':');
  const bool has_port = colon != std::string_view::npos && colon == entry.rfind(':');
  if (!has_port) return parse_address(entry);
  const auto address =
      is_port(entry.substr(colon + 1)) ? parse_address(entry.substr(0, colon)) : std::nullopt;
  return address;
}

}  // namespace

bool Address::is_v4() const {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin());
}

std::optional<Address> parse_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  Address address;
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, terminated.data(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  std::ranges::copy(v4_prefix, address.bytes.begin());
  if (inet_pton(AF_INET, terminated.data(), &address.bytes[12]) != 1) return std::nullopt;
  return address;
}

std::string to_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4()) {
    inet_ntop(AF_INET, &address.bytes[12], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::string throttle_identity(const Address& address) {
  if (address.is_v4()) return to_text(address);
  Address network;
  std::copy_n(address.bytes.begin(), 8, network.bytes.begin());
  return to_text(network) + "/64";
}

bool TrustedProxies::add(std::string_view network) {
  const auto slash = network.find('/');
  const auto address = parse_address(network.substr(0, slash));
  if (!address) return false;
  std::size_t bits = 128;
  if (slash != std::string_view::npos) {
    const auto digits = network.substr(slash + 1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || stop != digits.data() + digits.size()) return false;
    if (bits > (address->is_v4() ? 32U : 128U)) return false;
    if (address->is_v4()) bits += 96;
  }
  networks_.push_back({.address = *address, .bits = bits});
  return true;
}

bool TrustedProxies::contains(const Address& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    const std::size_t whole = network.bits / 8;
    if (!std::equal(address.bytes.begin(), address.bytes.begin() + static_cast<long>(whole),
                    network.address.bytes.begin())) {
      return false;
    }
    const std::size_t left = network.bits % 8;
    if (left == 0) return true;
    return (address.bytes[whole] ^ network.address.bytes[whole]) >> (8 - left) == 0;
  });
}

Address client_address(const Address& peer, std::span<const std::string_view> forwarded,
                       const TrustedProxies& trusted) {
  Address client = peer;
  std::size_t entries = 0;
  for (auto line = forwarded.rbegin(); line != forwarded.rend(); ++line) {
    std::string_view rest = *line;
    while (true) {
      if (!trusted.contains(client) || ++entries > forwarded_entries_max) return client;
      const auto comma = rest.rfind(',');
      const auto entry = trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      const auto address = parse_entry(entry);
      if (!address) return client;
      client = *address;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace banter::http
