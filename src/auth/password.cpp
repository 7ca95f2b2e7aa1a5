#include "auth/password.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/assert.hpp"
#include "base/unavailable.hpp"

namespace banter::auth {
namespace {

constexpr unsigned passes = 2;
constexpr unsigned memory_kib = 19 * 1024;

// What we are willing to compute for a hash from the store, which may have been imported: past
// these it would occupy a thread of the pool for seconds, or the memory of the machine.
constexpr unsigned passes_max = 10;
constexpr unsigned memory_kib_max = 256 * 1024;
constexpr unsigned rounds_max = 5'000'000;  // Django 5.1 makes 870,000
constexpr std::size_t salt_bytes_max = 256;

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void start_sodium() {
  static const int started = sodium_init();
  ASSERT(started >= 0, "libsodium starts on every system we run on");
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<unsigned> take_number(std::string_view& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

struct Argon2 {
  unsigned memory_kib = 0;
  unsigned passes = 0;
};

// "$argon2id$v=19$m=" kib ",t=" passes ",p=" lanes "$" salt "$" hash
std::optional<Argon2> argon2_parameters(std::string_view hash) {
  if (!take(hash, "$argon2id$v=19$m=")) return std::nullopt;
  const auto memory = take_number(hash);
  if (!memory || !take(hash, ",t=")) return std::nullopt;
  const auto time = take_number(hash);
  if (!time || !take(hash, ",p=")) return std::nullopt;
  // Lanes share the memory: their number does not change what libsodium has to compute.
  if (!take_number(hash) || !take(hash, "$")) return std::nullopt;
  return Argon2{.memory_kib = *memory, .passes = *time};
}

struct Pbkdf2 {
  unsigned rounds = 0;
  std::string_view salt;
  std::string_view digest;  // base64
};

// "pbkdf2_sha256$" rounds "$" salt "$" base64 of 32 bytes
std::optional<Pbkdf2> pbkdf2_parts(std::string_view hash) {
  if (!take(hash, "pbkdf2_sha256$")) return std::nullopt;
  const auto rounds = take_number(hash);
  if (!rounds || *rounds == 0 || *rounds > rounds_max || !take(hash, "$")) return std::nullopt;
  const std::size_t end = hash.find('$');
  if (end == std::string_view::npos || end > salt_bytes_max) return std::nullopt;
  return Pbkdf2{.rounds = *rounds, .salt = hash.substr(0, end), .digest = hash.substr(end + 1)};
}

// Never null, which C libraries do not take even for no bytes.
const char* bytes_of(std::string_view text) { return text.empty() ? "" : text.data(); }

bool verify_pbkdf2(std::string_view password, const Pbkdf2& parts) {
  std::array<unsigned char, 32> digest{};
  const int made =
      PKCS5_PBKDF2_HMAC(bytes_of(password), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(parts.salt.data()),
                        static_cast<int>(parts.salt.size()), static_cast<int>(parts.rounds),
                        EVP_sha256(), static_cast<int>(digest.size()), digest.data());
  if (made != 1) throw Unavailable("PBKDF2 failed");
  std::array<unsigned char, 45> base64{};  // 44 characters and the NUL that OpenSSL adds
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return parts.digest.size() == static_cast<std::size_t>(length) &&
         CRYPTO_memcmp(base64.data(), parts.digest.data(), parts.digest.size()) == 0;
}

bool verify_argon2(std::string_view password, const std::string& hash) {
  return crypto_pwhash_str_verify(hash.c_str(), bytes_of(password), password.size()) == 0;
}

}  // namespace

bool has_password_length(std::string_view password) {
  const std::size_t points = code_points(password);
  return points >= password_points_min && points <= password_points_max;
}

std::string hash_password(std::string_view password) {
  ASSERT(code_points(password) <= password_points_max,
         "whoever sets a password has checked its length");
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), bytes_of(password), password.size(), passes,
                            std::size_t{memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw Unavailable("no memory to hash a password");
  return hash.data();
}

bool verify_password(std::string_view password, const std::string& hash) {
  start_sodium();
  if (code_points(password) > password_points_max) {
    (void)verify_argon2({}, nobodys_hash());
    return false;
  }
  if (const auto argon2 = argon2_parameters(hash))
    return argon2->memory_kib <= memory_kib_max && argon2->passes <= passes_max &&
           verify_argon2(password, hash);
  if (const auto pbkdf2 = pbkdf2_parts(hash)) return verify_pbkdf2(password, *pbkdf2);
  return false;
}

const std::string& nobodys_hash() {
  // Made once from 32 random bytes that nobody kept.
  static const std::string hash =
      "$argon2id$v=19$m=19456,t=2,p=1"
      "$1vWB+HE2lG5+JuRCvYSdOg$ndYh22iAhTce5oUnqjWu/Lbp4g9tZYNdVNH7mhXGBy0";
  return hash;
}

bool needs_rehash(std::string_view hash) {
  const auto argon2 = argon2_parameters(hash);
  return !argon2 || argon2->memory_kib < memory_kib || argon2->passes < passes;
}

}  // namespace banter::auth
