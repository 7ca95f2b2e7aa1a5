#include "auth/email.hpp"

#include <gtest/gtest.h>

#include <string>

namespace banter::auth {
namespace {

using namespace std::string_literals;

TEST(Email, TakesWhatDjangoTakes) {
  for (const std::string& email : {
           "a@b.cd"s,
           "a@localhost"s,
           "two@b.co"s,
           "a@b.12"s,
           "lit@[127.0.0.1]"s,
           "six@[::1]"s,
           "six@[2001:db8::FF00:42:8329]"s,
           "six@[::ffff:127.0.0.1]"s,
           "a@ex\xC3\xA4mple.com"s,           // exämple
           "a@\xE4\xBE\x8B\xE3\x81\x88.jp"s,  // 例え
           "a@stra\xC3\x9F"
           "e.de"s,                        // straße
           "a@example.\xD1\x80\xD1\x84"s,  // .рф
           "a@xn--exmple-cua.com"s,
           "plus+tag@example.com"s,
           "o'neil@example.com"s,
           "!#$%&'*+-/=?^_`{|}~@example.com"s,
           "a.b.c@example.com"s,
           "UPPER@EXAMPLE.COM"s,
           "a@b-c.d-e.com"s,
           "a@1.2.3.44"s,
           "a@b.-com"s,  // as Django's pattern has it
           "a@" + std::string(63, 'b') + ".com"s,
           "a@b." + std::string(63, 'c'),
       })
    EXPECT_TRUE(is_email(email)) << email;
}

TEST(Email, RefusesWhatDjangoRefuses) {
  for (const std::string& email : {
           ""s,
           "abc"s,
           "@"s,
           "@b.cd"s,
           "a@"s,
           "a@b"s,
           "a@b.c"s,
           "a@b..com"s,
           ".a@b.com"s,
           "a.@b.com"s,
           "a..b@b.com"s,
           "a b@example.com"s,
           "Bob <bob@example.com>"s,
           "a@b@example.com"s,
           "a@-b.com"s,
           "a@b-.com"s,
           "a@b.com-"s,
           "a@b_c.com"s,
           "a@example.com."s,
           "a@.com"s,
           "a@127.0.0.1"s,
           "lit@[300.0.0.1]"s,
           "lit@[127.0.0.01]"s,
           "lit@[127.0.0]"s,
           "lit@[]"s,
           "lit@[::1"s,
           "lit@[::1%lo]"s,
           "lit@[:::1]"s,
           "a@LOCALHOST"s,
           "a@localhost.c"s,
           "a@" + std::string(64, 'b') + ".com"s,
           "a@b." + std::string(64, 'c'),
           "\xC3\x84@example.com"s,  // Ä
           "\"quoted\"@example.com"s,
           "a\n@example.com"s,
           "a@example.com\n"s,
           "a\0b@example.com"s,
           "a@exam\0ple.com"s,
           "a\xED\xA0\x80@example.com"s,  // a marked lone surrogate
           "a@ex\xED\xA0\x80.com"s,
       })
    EXPECT_FALSE(is_email(email)) << email;
}

TEST(Email, JudgesAForeignDomainByItsPunycode) {
  EXPECT_TRUE(is_email("a@b.\xC3\xA4"));  // .xn--4ca has seven letters
  EXPECT_TRUE(
      is_email("a@b\xE3\x80\x82"
               "com"));                                                  // an ideographic full stop
  EXPECT_FALSE(is_email("a@\xC3\xA4" + std::string(63, 'b') + ".com"));  // too long once encoded
  EXPECT_FALSE(is_email("a@\xC3\xA4_.com"));
  EXPECT_FALSE(is_email("a@xn--\xC3\xA4.com"));     // pretends to be encoded
  EXPECT_TRUE(is_email("a@\xD7\x90\xD7\x91.com"));  // Hebrew
  EXPECT_FALSE(
      is_email("a@\xD7\x90"
               "a.com"));  // both directions in one label
}

TEST(Email, MayHave320CodePointsAndNoMore) {
  const std::string domain = "@" + std::string(60, 'b') + "." + std::string(60, 'c') + ".com";
  EXPECT_TRUE(is_email(std::string(320 - domain.size(), 'a') + domain));
  EXPECT_FALSE(is_email(std::string(321 - domain.size(), 'a') + domain));
}

TEST(LowerCase, MapsAllOfUnicodeAsPythonDoes) {
  EXPECT_EQ(lower_case("MiXed.Case@EXAMPLE.com"), "mixed.case@example.com");
  EXPECT_EQ(lower_case("\xC3\x84\xC3\x96@X"), "\xC3\xA4\xC3\xB6@x");
  EXPECT_EQ(lower_case("\xC4\xB0"), "i\xCC\x87");                 // İ is i and a dot above
  EXPECT_EQ(lower_case("\xCE\xA3\xCE\xA3"), "\xCF\x83\xCF\x82");  // a sigma that ends a word
  EXPECT_EQ(lower_case(""), "");
}

}  // namespace
}  // namespace banter::auth
