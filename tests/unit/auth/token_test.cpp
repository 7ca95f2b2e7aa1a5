#include "auth/token.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "unit/auth/minted.hpp"

namespace banter::auth {
namespace {

constexpr std::int64_t now = 1'700'000'000;

Tokens tokens_of(const std::string& key, std::vector<std::string> previous = {}) {
  return Tokens({.key = key, .previous_keys = std::move(previous)});
}

// The claims of a token, unverified, as text.
std::string claims_text(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::string_view middle =
      std::string_view(token).substr(first + 1, token.rfind('.') - first - 1);
  std::vector<char> room(base64url_decoded_size(middle.size()));
  return std::string(base64url_decode(middle, room).value_or("not base64"));
}

// Made by Python: json.dumps(..., separators=(",", ":")), hmac.new(b"dev-secret", ..., "sha256").
constexpr std::string_view from_python =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzAwMDQzMjAwLCJpYXQiOjE3MDAwMDAwMDAsImp0aSI6IjAxMjM0NT"
    "Y3"
    "ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIiwidXNlcl9pZCI6N30."
    "tlPKtAkIQ5mOoGevx9gMeL1zf9X4-P-PrSyyKkxjX68";

TEST(Tokens, TakeATokenThatPythonMade) {
  const auto claims = tokens_of("dev-secret").verify(TokenType::access, from_python, now);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user, UserId{7});
  EXPECT_EQ(claims->expires_at, 1'700'043'200);
  EXPECT_EQ(claims->issued_at, 1'700'000'000);
}

TEST(Tokens, MakeTheVeryBytesThatPythonMakesButForTheRandomId) {
  const std::string token = tokens_of("dev-secret").issue(TokenType::access, UserId{7}, now);
  std::string claims = claims_text(token);
  const std::size_t jti = claims.find(R"("jti":")") + 7;
  claims.replace(jti, 32, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(minted(claims, "dev-secret"), from_python);
}

TEST(Tokens, HaveTheClaimsInTheOrderOfSimpleJwt) {
  const Tokens tokens = tokens_of("dev-secret");
  const auto access =
      boost::json::parse(claims_text(tokens.issue(TokenType::access, UserId{1}, now))).as_object();
  std::vector<std::string> names;
  for (const auto& claim : access) names.emplace_back(claim.key());
  EXPECT_EQ(names, (std::vector<std::string>{"token_type", "exp", "iat", "jti", "user_id"}));
  EXPECT_EQ(access.at("token_type"), "access");
  EXPECT_EQ(access.at("exp"), now + 43'200);
  EXPECT_EQ(access.at("iat"), now);
  EXPECT_EQ(access.at("user_id"), 1);

  const auto refresh =
      boost::json::parse(claims_text(tokens.issue(TokenType::refresh, UserId{1}, now))).as_object();
  EXPECT_EQ(refresh.at("token_type"), "refresh");
  EXPECT_EQ(refresh.at("exp"), now + 86'400);
}

TEST(Tokens, HaveAnIdOf32HexDigitsThatIsNeverTheSame) {
  const Tokens tokens = tokens_of("dev-secret");
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto claims =
        boost::json::parse(claims_text(tokens.issue(TokenType::access, UserId{1}, now)));
    const std::string id(claims.at("jti").as_string());
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Tokens, HaveTheLifetimesThatWereAskedFor) {
  const Tokens tokens({.key = "k",
                       .previous_keys = {},
                       .access_lifetime = std::chrono::seconds{5},
                       .refresh_lifetime = std::chrono::seconds{9}});
  const std::string access = tokens.issue(TokenType::access, UserId{1}, now);
  const std::string refresh = tokens.issue(TokenType::refresh, UserId{1}, now);
  EXPECT_TRUE(tokens.verify(TokenType::access, access, now + 4));
  EXPECT_FALSE(tokens.verify(TokenType::access, access, now + 5));
  EXPECT_TRUE(tokens.verify(TokenType::refresh, refresh, now + 8));
  EXPECT_FALSE(tokens.verify(TokenType::refresh, refresh, now + 9));
}

TEST(Tokens, RefreshedKeepTheTimeOfTheLogin) {
  const Tokens tokens = tokens_of("dev-secret");
  const auto claims = tokens.verify(TokenType::refresh,
                                    tokens.issue(TokenType::refresh, UserId{3}, now), now + 100);
  ASSERT_TRUE(claims);
  const auto access =
      tokens.verify(TokenType::access, tokens.refresh(*claims, now + 100), now + 100);
  ASSERT_TRUE(access);
  EXPECT_EQ(access->user, UserId{3});
  EXPECT_EQ(access->issued_at, now);
  EXPECT_EQ(access->expires_at, now + 100 + 43'200);
}

TEST(Tokens, RefreshedFromOneWithoutIatHaveNone) {
  const Tokens tokens = tokens_of("dev-secret");
  const std::string token = tokens.refresh({.user = UserId{3}, .expires_at = now + 5}, now);
  EXPECT_FALSE(boost::json::parse(claims_text(token)).as_object().contains("iat"));
  EXPECT_TRUE(tokens.verify(TokenType::access, token, now));
}

TEST(Tokens, OfPreviousKeysVerifyButNewOnesAreSignedByTheCurrentKey) {
  const Tokens before = tokens_of("old key");
  const Tokens after = tokens_of("new key", {"older key", "old key"});
  const std::string old_token = before.issue(TokenType::access, UserId{1}, now);
  const std::string new_token = after.issue(TokenType::access, UserId{1}, now);
  EXPECT_TRUE(after.verify(TokenType::access, old_token, now));
  EXPECT_TRUE(after.verify(TokenType::access, new_token, now));
  EXPECT_FALSE(before.verify(TokenType::access, new_token, now));
  EXPECT_FALSE(tokens_of("new key").verify(TokenType::access, old_token, now));
}

TEST(Tokens, MayBeSignedWithAKeyOfAnyLength) {
  for (const std::size_t length : {1u, 63u, 64u, 65u, 500u}) {
    const std::string key(length, 'k');
    const std::string token = tokens_of(key).issue(TokenType::access, UserId{1}, now);
    EXPECT_EQ(minted(claims_text(token), key), token) << length;
    EXPECT_TRUE(tokens_of(key).verify(TokenType::access, token, now)) << length;
  }
}

}  // namespace
}  // namespace banter::auth
