// Whatever is handed in as a token or as its claims: verify() answers without a fault, believes
// nothing that is not signed, and takes what it issues itself. Passwords and e-mails from the same
// bytes, as they meet the same kind of stranger.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/base64url.hpp"
#include "auth/email.hpp"
#include "auth/password.hpp"
#include "auth/token.hpp"
#include "base/assert.hpp"
#include "base/utf8.hpp"

namespace {

using namespace banter;
using auth::TokenType;

constexpr std::string_view key = "dev-secret";
constexpr std::int64_t now = 1'700'000'000;

const auth::Tokens& tokens() {
  static const auth::Tokens made({.key = std::string(key), .previous_keys = {"another"}});
  return made;
}

std::string with_signature(std::string token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(token.data()), token.size(), mac.data(), &length);
  token += '.';
  auth::append_base64url(token, {reinterpret_cast<const char*>(mac.data()), length});
  return token;
}

void expect_sane(const std::string& token) {
  for (const TokenType type : {TokenType::access, TokenType::refresh}) {
    const auto claims = tokens().verify(type, token, now);
    if (!claims) continue;
    ASSERT(claims->user.value >= 0, "users have no negative numbers");
    ASSERT(claims->expires_at > now && claims->issued_at <= now, "only live tokens pass");
    const auto again = tokens().verify(TokenType::access, tokens().refresh(*claims, now), now);
    ASSERT(again && again->user == claims->user, "what was issued is taken");
    std::string changed = token;
    changed.back() = changed.back() == 'A' ? 'B' : 'A';
    ASSERT(!tokens().verify(type, changed, now), "another signature is refused");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  ASSERT(!tokens().verify(TokenType::access, bytes, now) || bytes.size() > 100,
         "a short text is no token");
  expect_sane(std::string(bytes));

  std::string claims_signed("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.");
  auth::append_base64url(claims_signed, bytes);
  expect_sane(with_signature(claims_signed));
  std::string header_signed;
  auth::append_base64url(header_signed, bytes);
  expect_sane(with_signature(header_signed + ".e30"));

  std::string decoded(auth::base64url_decoded_size(bytes.size()), '\0');
  if (const auto text = auth::base64url_decode(bytes, decoded)) {
    std::string encoded;
    auth::append_base64url(encoded, *text);
    ASSERT(encoded == bytes, "only one text stands for some bytes");
  }
  if (base::is_utf8(bytes) && auth::is_email(bytes))
    ASSERT(bytes.contains('@') && base::is_utf8(auth::lower_case(bytes)), "an address is text");
  (void)auth::needs_rehash(bytes);
  return 0;
}
