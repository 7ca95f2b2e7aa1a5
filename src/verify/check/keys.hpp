// 64-bit keys that stand for (conversation, user, text) and (conversation, user, client_id): among
// ten million of each, one pair collides in a few hundred thousand histories. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.hpp"
#include "verify/check/log.hpp"
#include "verify/history/body.hpp"

namespace banter::verify {

// The finaliser of MurmurHash3: every bit of the value reaches every bit of the result.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDu;
  value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53u;
  return value ^ value >> 33;
}

constexpr std::uint64_t key_of(ConversationId conversation, UserId user, std::uint64_t digest) {
  auto key = mixed(static_cast<std::uint64_t>(conversation.value) + 0x9E3779B97F4A7C15u);
  key = mixed(key ^ static_cast<std::uint64_t>(user.value));
  return mixed(key + digest);
}

constexpr TextKey text_key(ConversationId conversation, UserId user, const Body& body) {
  return key_of(conversation, user, body.digest ^ static_cast<std::uint64_t>(body.bytes) << 48);
}

using ClientKey = std::uint64_t;
inline ClientKey client_key(ConversationId conversation, UserId user, std::string_view client_id) {
  return key_of(conversation, user, digest_of(client_id));
}

// For keys that are mixed already.
struct KeyHash {
  using is_avalanching = void;
  std::size_t operator()(std::uint64_t key) const noexcept { return key; }
};

}  // namespace banter::verify
