// Who is asking: the address that throttles count under. X-Forwarded-For is believed only from a
// configured proxy, and then only as far as proxies wrote it: the right-most address that is not a
// proxy's. Pure functions over text; reads nothing but what it is given.
//
//   X-Forwarded-For = entry *( "," entry )      entry = address [":" port] / "[" IPv6 "]" [":"
//   port]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banter::http {

inline constexpr std::size_t forwarded_entries_max = 32;  // read from the right; older ones are not

// IPv6, or IPv4 as ::ffff:a.b.c.d.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const Address&, const Address&) = default;
  [[nodiscard]] bool is_v4() const;
};

// "192.0.2.1", "::1"; no zone, no port.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
[[nodiscard]] std::string to_text(const Address& address);

// The name a client's throttles are kept under: an IPv4 address, or the /64 an IPv6 address lies in
// (the smallest block that is given to one customer).
[[nodiscard]] std::string throttle_identity(const Address& address);

class TrustedProxies {
 public:
  TrustedProxies() = default;  // trusts nobody
  // Adds "10.0.0.0/8", "::1/128" or a single address. False: neither.
  [[nodiscard]] bool add(std::string_view network);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    Address address;
    std::size_t bits = 128;
  };
  std::vector<Network> networks_;
};

// `forwarded` are the X-Forwarded-For lines in order. An entry that is no address ends the search:
// the proxy that passed it on is as far as we can see.
[[nodiscard]] Address client_address(const Address& peer,
                                     std::span<const std::string_view> forwarded,
                                     const TrustedProxies& trusted);

}  // namespace banter::http
