// Password hashes. Blocking, about 30 ms of one core each: on a worker pool, never on a reactor.
// Argon2id in PHC strings is what we make; Django's pbkdf2_sha256 is what we also take, until the
// next login replaces it. Pure but for the random salt; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace banter::auth {

// Code points of a password, trimmed. Longer ones cost nothing more to hash, but the replaced
// system refused them.
inline constexpr std::size_t password_points_min = 8;
inline constexpr std::size_t password_points_max = 128;
[[nodiscard]] bool has_password_length(std::string_view password);

// Argon2id, 19 MiB, two passes, one lane: OWASP's minimum. Throws Unavailable if the memory for it
// is not to be had.
[[nodiscard]] std::string hash_password(std::string_view password);

// False for a wrong password, a hash in an unknown format, or one whose parameters are beyond what
// we are willing to compute. A password over password_points_max is wrong, at the usual cost.
[[nodiscard]] bool verify_password(std::string_view password, const std::string& hash);

// A hash that no password matches, with the parameters of hash_password: verifying against it costs
// the same as against a real one.
[[nodiscard]] const std::string& nobodys_hash();

// Whether a hash that just verified should be replaced: another format, or weaker parameters.
[[nodiscard]] bool needs_rehash(std::string_view hash);

}  // namespace banter::auth
