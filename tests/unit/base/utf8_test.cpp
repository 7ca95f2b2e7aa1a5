#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace banter::base {
namespace {

// Writes any number below 2^21 in the given count of bytes, valid or not.
std::string encode(std::uint32_t code, int bytes) {
  if (bytes == 1) return std::string(1, static_cast<char>(code));
  std::string out;
  for (int i = bytes - 1; i > 0; --i) {
    out.insert(out.begin(), static_cast<char>(0x80 | (code & 0x3F)));
    code >>= 6;
  }
  const unsigned lead = bytes == 2 ? 0xC0 : bytes == 3 ? 0xE0 : 0xF0;
  return static_cast<char>(lead | code) + out;
}

bool may_be(std::uint32_t code, int bytes) {
  if (bytes == 1) return code < 0x80;
  if (bytes == 2) return code >= 0x80;
  if (bytes == 3) return code >= 0x800 && (code < 0xD800 || code > 0xDFFF);
  return code >= 0x10000 && code <= 0x10FFFF;
}

// The slow and obvious decoder the automaton is compared with.
bool plainly_valid(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int bytes = lead < 0x80   ? 1
                      : lead < 0xC0 ? 0
                      : lead < 0xE0 ? 2
                      : lead < 0xF0 ? 3
                      : lead < 0xF8 ? 4
                                    : 0;
    if (bytes == 0 || i + static_cast<std::size_t>(bytes) > text.size()) return false;
    std::uint32_t code = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
    for (int k = 1; k < bytes; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((next & 0xC0) != 0x80) return false;
      code = code << 6 | (next & 0x3F);
    }
    if (!may_be(code, bytes)) return false;
    i += static_cast<std::size_t>(bytes);
  }
  return true;
}

TEST(Utf8, AcceptsEveryCodePointInItsShortestFormAndNothingElse) {
  const std::uint32_t past[] = {0, 0x80, 0x800, 0x10000, 0x200000};
  for (int bytes = 1; bytes <= 4; ++bytes)
    for (std::uint32_t code = 0; code < past[bytes]; ++code)
      ASSERT_EQ(is_utf8(encode(code, bytes)), may_be(code, bytes)) << bytes << " bytes, " << code;
}

TEST(Utf8, AgreesWithAPlainDecoderOnEveryTwoBytesAndEveryThreeWithAnInterestingLead) {
  for (unsigned a = 0; a < 256; ++a)
    for (unsigned b = 0; b < 256; ++b) {
      const std::string two{static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(is_utf8(two), plainly_valid(two)) << a << ' ' << b;
    }
  for (const unsigned a : {0x41u, 0x80u, 0xC1u, 0xC2u, 0xE0u, 0xE1u, 0xEDu, 0xEFu, 0xF0u, 0xF4u})
    for (unsigned b = 0; b < 256; ++b)
      for (unsigned c = 0; c < 256; ++c) {
        const std::string three{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
        ASSERT_EQ(is_utf8(three), plainly_valid(three)) << a << ' ' << b << ' ' << c;
      }
}

TEST(Utf8, RefusesLeadsThatNoTextHolds) {
  for (const unsigned lead : {0x80u, 0xBFu, 0xC0u, 0xC1u, 0xF5u, 0xF8u, 0xFCu, 0xFEu, 0xFFu}) {
    Utf8Validator validator;
    EXPECT_FALSE(validator.feed(std::string(1, static_cast<char>(lead)))) << lead;
  }
}

TEST(Utf8, ReportsABadByteWithTheByteItself) {
  // Each is hopeless at its second byte, though the lead asks for more.
  for (const char* start :
       {"\xE0\x80", "\xED\xA0", "\xF0\x8F", "\xF4\x90", "\xC3\x41", "\xE2\xFF"}) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed({start, 1}));
    EXPECT_FALSE(validator.complete());
    EXPECT_FALSE(validator.feed({start + 1, 1}));
    EXPECT_FALSE(validator.feed("fine again")) << "a refusal must be for ever";
    EXPECT_FALSE(validator.complete());
  }
}

TEST(Utf8, TakesNoPlainTextInsideACodePoint) {
  for (std::size_t size = 1; size < 70; ++size) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed("\xF0\x9F"));
    EXPECT_FALSE(validator.feed(std::string(size, 'a'))) << size;
  }
}

TEST(Utf8, FindsABadByteAtEveryPlaceOfALongText) {
  for (std::size_t size = 1; size < 70; ++size)
    for (std::size_t place = 0; place < size; ++place) {
      std::string text(size, 'a');
      text[place] = '\xFF';
      ASSERT_FALSE(is_utf8(text)) << place << " of " << size;
    }
}

TEST(Utf8, GivesTheSameAnswerWhereverTheTextIsCut) {
  const std::vector<std::string> texts = {
      "plain text that is longer than one block of the fast path",
      "κόσμε, здравствуй, 李, \xF0\x9F\x98\x80 and then plain text to the very end of it",
      "\xF4\x8F\xBF\xBF\xEF\xBF\xBF\xED\x9F\xBF\xEE\x80\x80\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80",
      "a surrogate \xED\xA0\x80 inside",
      "ends too early \xF0\x9F\x98",
      ""};
  for (const auto& text : texts)
    for (std::size_t i = 0; i <= text.size(); ++i)
      for (std::size_t k = i; k <= text.size(); ++k) {
        Utf8Validator validator;
        const std::string_view all = text;
        const bool fed = validator.feed(all.substr(0, i)) && validator.feed(all.substr(i, k - i)) &&
                         validator.feed(all.substr(k));
        ASSERT_EQ(fed && validator.complete(), plainly_valid(text))
            << text << " at " << i << ',' << k;
      }
}

TEST(Utf8, EmptyTextIsComplete) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(Utf8Validator{}.complete());
}

}  // namespace
}  // namespace banter::base
