#include "auth/base64url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace banter::auth {
namespace {

std::string encoded(std::string_view bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

std::optional<std::string> decoded(std::string_view text) {
  std::vector<char> room(base64url_decoded_size(text.size()));
  const auto bytes = base64url_decode(text, room);
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

TEST(Base64Url, HasTheVectorsOfTheRfcWithoutTheirPadding) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg");
  EXPECT_EQ(encoded("fo"), "Zm8");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64Url, UsesTheUrlAlphabet) {
  EXPECT_EQ(encoded("\xFB\xEF\xFF"), "--__");
  EXPECT_EQ(decoded("--__"), "\xFB\xEF\xFF");
}

TEST(Base64Url, ReadsBackEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t size = 1; size <= 4; ++size) {
      const std::string bytes(size, static_cast<char>(byte));
      EXPECT_EQ(decoded(encoded(bytes)), bytes);
    }
}

TEST(Base64Url, RefusesWhatIsNotExactlyItsForm) {
  for (const char* text : {"Zg==", "Z", "Zm9vY", "Zm+v", "Zm/v", "Zm9 v", "Zm9v\n", "Zm\x80v"})
    EXPECT_FALSE(decoded(text)) << text;
}

TEST(Base64Url, RefusesUnusedBitsThatAreNotZero) {
  EXPECT_EQ(decoded("Zg"), "f");
  EXPECT_FALSE(decoded("Zh"));
  EXPECT_EQ(decoded("Zm8"), "fo");
  EXPECT_FALSE(decoded("Zm9"));
}

}  // namespace
}  // namespace banter::auth
