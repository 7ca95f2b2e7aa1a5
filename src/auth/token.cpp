#include "auth/token.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <system_error>

#include "auth/base64url.hpp"
#include "base/assert.hpp"
#include "base/unavailable.hpp"

namespace banter::auth {
namespace {

namespace json = boost::json;

constexpr std::size_t token_bytes_max = 4 * 1024;  // ours have about 270
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t signature_bytes = base64url_size(mac_bytes);
constexpr std::size_t jti_bytes = 16;
constexpr std::string_view usual_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";  // of our tokens
constexpr std::size_t json_depth_max = 8;  // claims are flat

std::string_view name_of(TokenType type) {
  switch (type) {
    case TokenType::access:
      return "access";
    case TokenType::refresh:
      return "refresh";
  }
  ASSERT(false, "every token type has a name above");
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// HMAC-SHA256 that has taken in its key: copying it is cheaper than preparing the key again.
Mac prepare(std::string_view key) {
  EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Mac mac(hmac == nullptr ? nullptr : EVP_MAC_CTX_new(hmac));
  EVP_MAC_free(hmac);  // the context keeps its own reference
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const bool ready =
      mac && EVP_MAC_init(mac.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                          parameters.data()) == 1;
  ASSERT(ready, "OpenSSL's default provider has HMAC-SHA256");
  return mac;
}

using Signature = std::array<char, signature_bytes>;

Signature sign(const Mac& prepared, std::string_view text) {
  const Mac mac(EVP_MAC_CTX_dup(prepared.get()));
  std::array<char, mac_bytes> bytes{};
  std::size_t length = 0;
  const bool done = mac &&
                    EVP_MAC_update(mac.get(), reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size()) == 1 &&
                    EVP_MAC_final(mac.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                  &length, bytes.size()) == 1;
  if (!done) throw Unavailable("OpenSSL could not sign");
  Signature signature{};
  base64url_encode({bytes.data(), bytes.size()}, signature.data());
  return signature;
}

std::string random_id() {
  std::array<unsigned char, jti_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw Unavailable("no random bytes");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += digits[byte >> 4];
    id += digits[byte & 15];
  }
  return id;
}

// iat 0: the token is to have none.
std::string mint(const Mac& mac, TokenType type, UserId user, std::int64_t expires_at,
                 std::int64_t issued_at) {
  std::string claims = R"({"token_type":")";
  claims += name_of(type);
  claims += R"(","exp":)" + std::to_string(expires_at);
  if (issued_at != 0) claims += R"(,"iat":)" + std::to_string(issued_at);
  claims += R"(,"jti":")" + random_id() + R"(","user_id":)" + std::to_string(user.value) + "}";

  std::string token(usual_header);
  token += '.';
  append_base64url(token, claims);
  const Signature signature = sign(mac, token);
  token += '.';
  token.append(signature.data(), signature.size());
  return token;
}

// Room for one parsed segment, so that reading a usual token takes no heap.
class Segment {
 public:
  // The object that the segment holds; null if it holds none. It lives as long as this.
  [[nodiscard]] const json::object* read(std::string_view base64url) {
    const auto text = base64url_decode(base64url, text_);
    if (!text) return nullptr;
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::parser parser({}, options, scratch_.data(), scratch_.size());
    parser.reset(&memory_);
    json::error_code error;
    parser.write({text->data(), text->size()}, error);
    if (error) return nullptr;
    return value_.emplace(parser.release()).if_object();
  }

 private:
  std::array<char, base64url_decoded_size(token_bytes_max)> text_;
  std::array<unsigned char, 2048> scratch_;
  std::array<unsigned char, 2048> tree_;
  json::monotonic_resource memory_{tree_.data(), tree_.size()};
  std::optional<json::value> value_;  // its storage is memory_
};

bool names_hs256(std::string_view header) {
  if (header == usual_header) return true;
  Segment segment;
  const json::object* const object = segment.read(header);
  const json::value* const algorithm = object == nullptr ? nullptr : object->if_contains("alg");
  return algorithm != nullptr && algorithm->is_string() && algorithm->get_string() == "HS256";
}

// A NumericDate as PyJWT reads it: a number, fractions are cut off. nullopt: no finite number.
std::optional<std::int64_t> seconds(const json::value& claim) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  if (const auto* integer = claim.if_int64()) return *integer;
  if (claim.is_uint64()) return max;
  const double* const real = claim.if_double();
  if (real == nullptr || !std::isfinite(*real)) return std::nullopt;
  constexpr double beyond = 9.2e18;  // just inside 64 bits
  if (*real > beyond) return max;
  return static_cast<std::int64_t>(std::max(*real, -beyond));
}

// UserId{0}: no user has that number, though a number it is.
std::expected<UserId, TokenError> user_of(const json::value& claim) {
  if (claim.is_null() || claim.is_uint64()) return UserId{0};
  if (const auto* integer = claim.if_int64()) return UserId{std::max<std::int64_t>(*integer, 0)};
  if (const double* real = claim.if_double()) {
    // Boost.JSON hands over integers that need more than 64 bits in this form, too.
    if (std::abs(*real) >= 0x1p63) return UserId{0};
    return std::unexpected(TokenError::unrecognised_user);
  }
  const json::string* const text = claim.if_string();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text == nullptr || text->empty() || !std::all_of(text->begin(), text->end(), is_digit))
    return std::unexpected(TokenError::unrecognised_user);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return UserId{error == std::errc{} ? value : 0};
}

// The claims in the order in which PyJWT and then SimpleJWT look at them.
std::expected<Claims, TokenError> judge(const json::object& claims, TokenType type,
                                        std::int64_t now) {
  Claims result;
  if (const json::value* issued = claims.if_contains("iat")) {
    const auto at = seconds(*issued);
    if (!at || *at > now) return std::unexpected(TokenError::invalid_or_expired);
    result.issued_at = *at;
  }
  if (const json::value* not_before = claims.if_contains("nbf")) {
    const auto at = seconds(*not_before);
    if (!at || *at > now) return std::unexpected(TokenError::invalid_or_expired);
  }
  const json::value* const expires = claims.if_contains("exp");
  if (expires == nullptr) return std::unexpected(TokenError::no_expiry);
  const auto at = seconds(*expires);
  if (!at || *at <= now) return std::unexpected(TokenError::invalid_or_expired);
  result.expires_at = *at;

  if (!claims.contains("jti")) return std::unexpected(TokenError::no_id);
  const json::value* const token_type = claims.if_contains("token_type");
  if (token_type == nullptr) return std::unexpected(TokenError::no_type);
  if (!token_type->is_string() || token_type->get_string() != name_of(type))
    return std::unexpected(TokenError::wrong_type);

  const json::value* const user_id = claims.if_contains("user_id");
  if (user_id == nullptr) return std::unexpected(TokenError::no_user);
  const auto user = user_of(*user_id);
  if (!user) return std::unexpected(user.error());
  result.user = *user;
  return result;
}

}  // namespace

struct Tokens::Keys {
  std::vector<Mac> macs;  // the first one signs

  [[nodiscard]] bool signed_by_any(std::string_view text, std::string_view signature) const {
    if (signature.size() != signature_bytes) return false;
    return std::ranges::any_of(macs, [&](const Mac& mac) {
      const Signature expected = sign(mac, text);
      return CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
    });
  }
};

Tokens::Tokens(Options options)
    : access_lifetime_(options.access_lifetime), refresh_lifetime_(options.refresh_lifetime) {
  auto keys = std::make_shared<Keys>();
  keys->macs.push_back(prepare(options.key));
  for (const std::string& key : options.previous_keys) keys->macs.push_back(prepare(key));
  keys_ = std::move(keys);
}

std::string Tokens::issue(TokenType type, UserId user, std::int64_t now) const {
  const auto lifetime = type == TokenType::access ? access_lifetime_ : refresh_lifetime_;
  return mint(keys_->macs.front(), type, user, now + lifetime.count(), now);
}

std::string Tokens::refresh(const Claims& refresh_claims, std::int64_t now) const {
  return mint(keys_->macs.front(), TokenType::access, refresh_claims.user,
              now + access_lifetime_.count(), refresh_claims.issued_at);
}

std::expected<Claims, TokenError> Tokens::verify(TokenType type, std::string_view token,
                                                 std::int64_t now) const {
  const auto invalid = std::unexpected(TokenError::invalid_or_expired);
  if (token.size() > token_bytes_max) return invalid;
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  if (first == second || token.find('.', first + 1) != second) return invalid;
  // Nothing of the token is believed before its signature.
  if (!keys_->signed_by_any(token.substr(0, second), token.substr(second + 1))) return invalid;
  if (!names_hs256(token.substr(0, first))) return invalid;
  Segment segment;
  const json::object* const claims = segment.read(token.substr(first + 1, second - first - 1));
  if (claims == nullptr) return invalid;
  return judge(*claims, type, now);
}

std::string key_fingerprint(std::string_view key) {
  const auto signature = sign(prepare(key), "the fingerprint of a signing key");
  return {signature.data(), signature.size()};
}

}  // namespace banter::auth
