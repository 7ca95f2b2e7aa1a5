#include "auth/password.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace banter::auth {
namespace {

using namespace std::string_literals;

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Password, IsHashedByArgon2idWithTheParametersWeDocument) {
  const std::string hash = hash_password("Pass1243!");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_FALSE(needs_rehash(hash));
}

TEST(Password, VerifiesOnlyAgainstItsOwnHash) {
  const std::string hash = hash_password("Pass1243!");
  EXPECT_TRUE(verify_password("Pass1243!", hash));
  EXPECT_FALSE(verify_password("Pass1243", hash));
  EXPECT_FALSE(verify_password("pass1243!", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_FALSE(verify_password({}, hash));
}

TEST(Password, IsSaltedAnewEachTime) { EXPECT_NE(hash_password("same"), hash_password("same")); }

TEST(Password, CountsEveryByteAfterANul) {
  const std::string hash = hash_password("before\0after"s);
  EXPECT_TRUE(verify_password("before\0after"s, hash));
  EXPECT_FALSE(verify_password("before\0other"s, hash));
  EXPECT_FALSE(verify_password("before", hash));
}

TEST(Password, Of128CodePointsIsTakenWhateverItsBytes) {
  const std::string emoji = repeated("\xF0\x9F\x98\x80", 128);
  const std::string hash = hash_password(emoji);
  EXPECT_TRUE(verify_password(emoji, hash));
}

TEST(Password, Over128CodePointsIsWrongAndNeverCutDown) {
  const std::string hash = hash_password(repeated("p", 128));
  EXPECT_FALSE(verify_password(repeated("p", 129), hash));
  EXPECT_FALSE(verify_password(  // though this is its hash
      repeated("p", 129),
      "pbkdf2_sha256$1$abcDEF123$UzQOOMVq8pNvnbMTYre83g4cuMXYZzN75KnN6itguX8="));
}

TEST(Password, LengthIsEightTo128CodePoints) {
  EXPECT_FALSE(has_password_length(repeated("\xD0\xBF", 7)));
  EXPECT_TRUE(has_password_length(repeated("\xD0\xBF", 8)));
  EXPECT_TRUE(has_password_length(repeated("\xF0\x9F\x98\x80", 128)));
  EXPECT_FALSE(has_password_length(repeated("\xF0\x9F\x98\x80", 129)));
}

// Made by Python's hashlib.pbkdf2_hmac; the first one is Django 5.1's own test vector.
constexpr auto django_default =
    "pbkdf2_sha256$870000$seasalt$wJSpLMQRQz0Dhj/pFpbyjMj71B2gUYp6HJS5AU+32Ac=";
constexpr auto django_quick =
    "pbkdf2_sha256$1000$abcDEF123$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs=";
constexpr auto django_one_round =
    "pbkdf2_sha256$1$abcDEF123$riowRouz8tx2LtkQZPNDycPw0Wy+bXu9FsX0Q7uj7XQ=";

TEST(Password, VerifiesAgainstDjangosHashes) {
  EXPECT_TRUE(verify_password("l\xC3\xA8tmein", django_default));
  EXPECT_TRUE(verify_password("Pass1243!", django_quick));
  EXPECT_TRUE(verify_password("Pass1243!", django_one_round));
  EXPECT_FALSE(verify_password("Pass1243?", django_quick));
  EXPECT_FALSE(verify_password("", django_quick));
}

TEST(Password, NeverVerifiesAgainstADamagedDjangoHash) {
  const std::string good = django_quick;
  EXPECT_FALSE(verify_password("Pass1243!", good.substr(0, good.size() - 1)));
  EXPECT_FALSE(verify_password("Pass1243!", good + "="));
  for (const char* hash :
       {"pbkdf2_sha256$1001$abcDEF123$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs=",
        "pbkdf2_sha256$1000$abcDEF124$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs=",
        "pbkdf2_sha256$0$abcDEF123$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs=",
        "pbkdf2_sha256$-1000$abcDEF123$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs=",
        "pbkdf2_sha256$1000$abcDEF123", "pbkdf2_sha256$1000", "pbkdf2_sha256$$$", "pbkdf2_sha256$"})
    EXPECT_FALSE(verify_password("Pass1243!", hash)) << hash;
}

TEST(Password, NeverVerifiesAgainstAnUnknownFormat) {
  for (const char* hash :
       {"", "!", "Pass1243!", "plain$$Pass1243!", "md5$salt$0123", "pbkdf2_sha1$1000$salt$AAAA",
        "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=19456",
        "$argon2i$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$"})
    EXPECT_FALSE(verify_password("Pass1243!", hash)) << hash;
}

TEST(Password, RefusesHashesThatWouldOccupyThePoolForLong) {
  const std::clock_t began = std::clock();  // of the processor: the machine may be busy
  EXPECT_FALSE(verify_password(
      "Pass1243!", "pbkdf2_sha256$4000000000$s$b2LEzZkITyQMZz0b+ul9Uch5ZUR0z4NHP6oLFHwGdhs="));
  for (const char* cost : {"m=4194304,t=2,p=1", "m=19456,t=4000000000,p=1"})
    EXPECT_FALSE(verify_password("Pass1243!", "$argon2id$v=19$"s + cost +
                                                  "$1vWB+HE2lG5+JuRCvYSdOg$ndYh22iAhTce5oUnqjWu/"
                                                  "Lbp4g9tZYNdVNH7mhXGBy0"))
        << cost;
  EXPECT_LT(std::clock() - began, CLOCKS_PER_SEC);
}

TEST(Password, IsToBeHashedAgainIfTheHashIsWeakerOrForeign) {
  EXPECT_TRUE(needs_rehash(django_quick));
  EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=8192,t=2,p=1$c2FsdA$aGFzaA"));
  EXPECT_TRUE(needs_rehash("$argon2id$v=19$m=19456,t=1,p=1$c2FsdA$aGFzaA"));
  EXPECT_FALSE(needs_rehash("$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA"));
}

TEST(Password, OfNobodyMatchesNothingAtTheUsualParameters) {
  EXPECT_FALSE(verify_password("", nobodys_hash()));
  EXPECT_FALSE(verify_password("Pass1243!", nobodys_hash()));
  EXPECT_FALSE(needs_rehash(nobodys_hash()));
}

}  // namespace
}  // namespace banter::auth
