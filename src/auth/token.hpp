// Signed tokens as Django's SimpleJWT makes and takes them: JWT, HS256 pinned by us and never by
// the header. Claims in the order token_type, exp, iat, jti, user_id. Pure but for the random jti;
// any thread. Knows no store: whether the user still exists is Accounts' business.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace banter::auth {

enum class TokenType : std::uint8_t { access, refresh };

// In the words of SimpleJWT (contract, section 2); wire/error_table has the texts.
enum class TokenError : std::uint8_t {
  invalid_or_expired,  // signature, shape, algorithm, exp, iat or nbf
  wrong_type,
  no_type,
  no_id,              // jti
  no_expiry,          // exp
  no_user,            // user_id is not among the claims
  unrecognised_user,  // user_id is neither an integer nor a string of digits
};

struct Claims {
  UserId user;                  // UserId{0} for null, zero, negative or huge values: no such user
  std::int64_t expires_at = 0;  // Unix seconds
  std::int64_t issued_at = 0;   // Unix seconds, 0 if the token had none
};

class Tokens {
 public:
  struct Options {
    std::string key;                         // signs and verifies
    std::vector<std::string> previous_keys;  // verify only: rotation without logging anybody out
    std::chrono::seconds access_lifetime{43'200};   // contract, section 3
    std::chrono::seconds refresh_lifetime{86'400};  // contract, section 3
  };
  explicit Tokens(Options options);  // copies share the prepared keys

  // now: Unix seconds, given by the caller.
  [[nodiscard]] std::string issue(TokenType type, UserId user, std::int64_t now) const;
  // An access token that keeps the refresh token's iat.
  [[nodiscard]] std::string refresh(const Claims& refresh_claims, std::int64_t now) const;
  [[nodiscard]] std::expected<Claims, TokenError> verify(TokenType type, std::string_view token,
                                                         std::int64_t now) const;

 private:
  struct Keys;
  std::shared_ptr<const Keys> keys_;
  std::chrono::seconds access_lifetime_;
  std::chrono::seconds refresh_lifetime_;
};

// Names a key without giving it away. Nodes compare these.
[[nodiscard]] std::string key_fingerprint(std::string_view key);

}  // namespace banter::auth
