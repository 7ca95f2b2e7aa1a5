// Tokens as anybody could make them: any header, any claims, any key. HMAC comes straight from
// OpenSSL, so that what the product signs is checked by other means.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <string_view>

#include "auth/base64url.hpp"

namespace banter::auth {

inline constexpr std::string_view hs256_header = R"({"alg":"HS256","typ":"JWT"})";

inline std::string hmac(std::string_view key, std::string_view text, const EVP_MD* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  return {reinterpret_cast<const char*>(mac.data()), length};
}

inline std::string minted(std::string_view claims, std::string_view key,
                          std::string_view header = hs256_header,
                          const EVP_MD* digest = EVP_sha256()) {
  std::string token;
  append_base64url(token, header);
  token += '.';
  append_base64url(token, claims);
  const std::string mac = hmac(key, token, digest);
  token += '.';
  append_base64url(token, mac);
  return token;
}

}  // namespace banter::auth
