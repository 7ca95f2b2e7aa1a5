#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/token.hpp"
#include "unit/auth/minted.hpp"

namespace banter::auth {
namespace {

constexpr std::int64_t now = 1'700'000'000;
constexpr std::string_view key = "dev-secret";

struct Outcome {
  std::optional<TokenError> error;
  UserId user;
  bool operator==(const Outcome&) const = default;
};

// For readable failures.
void PrintTo(const Outcome& outcome, std::ostream* out) {
  if (outcome.error)
    *out << "error " << static_cast<int>(*outcome.error);
  else
    *out << "user " << outcome.user.value;
}

Outcome judged(const std::string& token, TokenType type = TokenType::access) {
  static const Tokens tokens({.key = std::string(key), .previous_keys = {}});
  const auto claims = tokens.verify(type, token, now);
  if (!claims) return {.error = claims.error(), .user = {}};
  return {.error = std::nullopt, .user = claims->user};
}

Outcome refused(TokenError error) { return {.error = error, .user = {}}; }
Outcome taken(std::int64_t user) { return {.error = std::nullopt, .user = UserId{user}}; }

// A good token but for the named claim; an empty value takes it away.
std::string with(std::string_view name, std::string_view value) {
  std::string claims;
  bool replaced = false;
  const auto add = [&](std::string_view claim, std::string_view text) {
    if (text.empty()) return;
    claims += claims.empty() ? "{" : ",";
    claims += '"' + std::string(claim) + "\":" + std::string(text);
  };
  for (const auto& [claim, text] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"token_type", R"("access")"},
           {"exp", "1700003600"},
           {"iat", "1700000000"},
           {"jti", R"("0123456789abcdef0123456789abcdef")"},
           {"user_id", "7"}}) {
    replaced = replaced || claim == name;
    add(claim, claim == name ? value : text);
  }
  if (!replaced) add(name, value);
  return minted(claims + "}", key);
}

TEST(TokenRefusal, DoesNotMeetAGoodToken) { EXPECT_EQ(judged(with("", "")), taken(7)); }

TEST(TokenRefusal, MeetsEveryOtherShape) {
  const std::string good = with("", "");
  const std::size_t first = good.find('.');
  const std::size_t second = good.rfind('.');
  for (const std::string& token :
       {std::string(), std::string("bad"), std::string("a.b.c"), std::string(".."),
        good.substr(0, second), good.substr(0, second + 1), good + "x", good + ".", good + ".x",
        "." + good, " " + good, good + " ", good + "=", '"' + good + '"', good.substr(first + 1),
        good.substr(0, first) + good.substr(first + 1)})
    EXPECT_EQ(judged(token), refused(TokenError::invalid_or_expired)) << token;
}

TEST(TokenRefusal, MeetsEveryChangedCharacter) {
  const std::string good = with("", "");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(judged(changed), refused(TokenError::invalid_or_expired)) << i;
  }
}

TEST(TokenRefusal, MeetsAnotherKey) {
  EXPECT_EQ(judged(minted(R"({"token_type":"access","exp":1700003600,"jti":"x","user_id":7})",
                          "other-secret")),
            refused(TokenError::invalid_or_expired));
}

TEST(TokenRefusal, MeetsEveryOtherAlgorithmEvenUnderOurKey) {
  const std::string_view claims =
      R"({"token_type":"access","exp":1700003600,"jti":"x","user_id":7})";
  for (const char* header :
       {R"({"alg":"none","typ":"JWT"})", R"({"alg":"HS512","typ":"JWT"})", R"({"alg":"hs256"})",
        R"({"alg":256})", R"({"typ":"JWT"})", "{}", "[]", "null", "HS256", ""})
    EXPECT_EQ(judged(minted(claims, key, header)), refused(TokenError::invalid_or_expired))
        << header;
  EXPECT_EQ(judged(minted(claims, key, R"({"alg":"HS512","typ":"JWT"})", EVP_sha512())),
            refused(TokenError::invalid_or_expired));
  std::string unsigned_token = minted(claims, key, R"({"alg":"none","typ":"JWT"})");
  unsigned_token.resize(unsigned_token.rfind('.') + 1);
  EXPECT_EQ(judged(unsigned_token), refused(TokenError::invalid_or_expired));
}

TEST(TokenRefusal, IgnoresTheRestOfTheHeader) {
  const std::string_view claims =
      R"({"token_type":"access","exp":1700003600,"jti":"x","user_id":7})";
  EXPECT_EQ(judged(minted(claims, key, R"({"alg":"HS256","typ":"at+jwt"})")), taken(7));
  EXPECT_EQ(judged(minted(claims, key, R"({"alg": "HS256"})")), taken(7));
}

TEST(TokenRefusal, IgnoresAudienceAndIssuer) {
  EXPECT_EQ(judged(with("aud", R"("x")")), taken(7));
  EXPECT_EQ(judged(with("iss", R"("x")")), taken(7));
}

TEST(TokenRefusal, MeetsATokenTheSecondItExpires) {
  EXPECT_EQ(judged(with("exp", "1700000001")), taken(7));
  EXPECT_EQ(judged(with("exp", "1700000000")), refused(TokenError::invalid_or_expired));
  EXPECT_EQ(judged(with("exp", "1699999999")), refused(TokenError::invalid_or_expired));
}

TEST(TokenRefusal, MeetsATokenThatIsNotYetValid) {
  EXPECT_EQ(judged(with("iat", "1700000001")), refused(TokenError::invalid_or_expired));
  EXPECT_EQ(judged(with("nbf", "1700000001")), refused(TokenError::invalid_or_expired));
  EXPECT_EQ(judged(with("nbf", "1700000000")), taken(7));
  EXPECT_EQ(judged(with("iat", "")), taken(7));
}

TEST(TokenRefusal, MeetsDatesThatAreNoNumbers) {
  for (const char* date : {R"("abc")", R"("1700003600")", "null", "true", "[]", "{}", "1e400"})
    for (const char* claim : {"exp", "iat", "nbf"})
      EXPECT_EQ(judged(with(claim, date)), refused(TokenError::invalid_or_expired))
          << claim << date;
}

TEST(TokenRefusal, CutsOffFractionsAndTakesDatesOfAnySize) {
  EXPECT_EQ(judged(with("exp", "1700000001.9")), taken(7));
  EXPECT_EQ(judged(with("exp", "1700000000.9")), refused(TokenError::invalid_or_expired));
  EXPECT_EQ(judged(with("exp", "9223372036854775807")), taken(7));
  EXPECT_EQ(judged(with("exp", "9223372036854775808")), taken(7));
  EXPECT_EQ(judged(with("exp", "1e300")), taken(7));
  EXPECT_EQ(judged(with("exp", "-1e300")), refused(TokenError::invalid_or_expired));
}

TEST(TokenRefusal, NamesTheMissingClaim) {
  EXPECT_EQ(judged(with("exp", "")), refused(TokenError::no_expiry));
  EXPECT_EQ(judged(with("jti", "")), refused(TokenError::no_id));
  EXPECT_EQ(judged(with("token_type", "")), refused(TokenError::no_type));
  EXPECT_EQ(judged(with("user_id", "")), refused(TokenError::no_user));
}

TEST(TokenRefusal, NamesTheFirstOfSeveralFaultsAsSimpleJwtDoes) {
  EXPECT_EQ(judged(minted("{}", key)), refused(TokenError::no_expiry));
  EXPECT_EQ(judged(minted(R"({"exp":1700003600})", key)), refused(TokenError::no_id));
  EXPECT_EQ(judged(minted(R"({"exp":1700003600,"jti":"x"})", key)), refused(TokenError::no_type));
  EXPECT_EQ(judged(minted(R"({"exp":1700003600,"jti":"x","token_type":"refresh"})", key)),
            refused(TokenError::wrong_type));
  EXPECT_EQ(judged(minted(R"({"exp":1,"token_type":"refresh"})", key)),
            refused(TokenError::invalid_or_expired));
  EXPECT_EQ(judged(minted(R"({"iat":1700009999})", key)), refused(TokenError::invalid_or_expired));
}

TEST(TokenRefusal, MeetsTheOtherTypeOfToken) {
  EXPECT_EQ(judged(with("token_type", R"("refresh")")), refused(TokenError::wrong_type));
  EXPECT_EQ(judged(with("token_type", R"("sliding")")), refused(TokenError::wrong_type));
  EXPECT_EQ(judged(with("token_type", "5")), refused(TokenError::wrong_type));
  EXPECT_EQ(judged(with("token_type", R"("refresh")"), TokenType::refresh), taken(7));
  EXPECT_EQ(judged(with("", ""), TokenType::refresh), refused(TokenError::wrong_type));
}

TEST(TokenRefusal, TakesAUserAsIntegerOrDigits) {
  EXPECT_EQ(judged(with("user_id", "12")), taken(12));
  EXPECT_EQ(judged(with("user_id", R"("12")")), taken(12));
  EXPECT_EQ(judged(with("user_id", R"("0012")")), taken(12));
}

TEST(TokenRefusal, LetsNumbersThatNoUserHasStandForNobody) {
  for (const char* user :
       {"null", "0", "-1", "9223372036854775808", "1000000000000000000000000000000", R"("0")",
        R"("99999999999999999999")"})
    EXPECT_EQ(judged(with("user_id", user)), taken(0)) << user;
}

TEST(TokenRefusal, MeetsUsersOfOtherKinds) {
  for (const char* user : {R"("abc")", R"("")", R"("-1")", R"("+1")", R"(" 1")", R"("1.0")", "1.0",
                           "1.5", "true", "false", "[1]", "{}", R"("\u0661")"})
    EXPECT_EQ(judged(with("user_id", user)), refused(TokenError::unrecognised_user)) << user;
}

TEST(TokenRefusal, MeetsAnotherNameForTheUser) {
  EXPECT_EQ(judged(minted(R"({"exp":1700003600,"jti":"x","token_type":"access","user":7})", key)),
            refused(TokenError::no_user));
}

TEST(TokenRefusal, MeetsClaimsThatAreNoObject) {
  for (const char* claims : {"", "[]", "7", "null", R"("exp")", "{", "{}x", R"({"exp":1,})", "\xFF",
                             R"({"a":[[[[[[[[[[1]]]]]]]]]]})"})
    EXPECT_EQ(judged(minted(claims, key)), refused(TokenError::invalid_or_expired)) << claims;
}

TEST(TokenRefusal, MeetsTokensOverFourKibibytes) {
  const auto padded = [](std::size_t size) {
    return with("pad", '"' + std::string(size, 'x') + '"');
  };
  EXPECT_EQ(judged(padded(2'800)), taken(7));
  ASSERT_GT(padded(3'000).size(), 4'096u);
  EXPECT_EQ(judged(padded(3'000)), refused(TokenError::invalid_or_expired));
}

TEST(TokenRefusal, LetsTheLastOfARepeatedClaimCount) {
  EXPECT_EQ(judged(minted(R"({"exp":1700003600,"jti":"x","token_type":"access","user_id":7,)"
                          R"("user_id":8})",
                          key)),
            taken(8));
}

}  // namespace
}  // namespace banter::auth
