#include "wire/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace banter::wire {
namespace {

std::string utf8(std::uint32_t code) {
  const auto put = [](std::uint32_t byte) { return static_cast<char>(byte); };
  const auto more = [&](int shift) { return put(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return {put(code)};
  if (code < 0x800) return {put(0xC0 | code >> 6), more(0)};
  if (code < 0x10000) return {put(0xE0 | code >> 12), more(6), more(0)};
  return {put(0xF0 | code >> 18), more(12), more(6), more(0)};
}

std::string in_ascii(std::string_view text) {
  std::string out;
  append_json_ascii(out, text);
  return out;
}

std::string in_utf8(std::string_view text) {
  std::string out;
  append_json_utf8(out, text);
  return out;
}

std::string unicode_escape(std::uint32_t unit) {
  std::array<char, 8> out{};
  std::snprintf(out.data(), out.size(), "\\u%04x", unit);
  return out.data();
}

// json.dumps(chr(code), ensure_ascii=...)[1:-1], one code point at a time.
std::string as_python_escapes(std::uint32_t code, bool ensure_ascii) {
  switch (code) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      break;
  }
  if (code < 0x20) return unicode_escape(code);
  if (!ensure_ascii) return code == 0x2028 || code == 0x2029 ? unicode_escape(code) : utf8(code);
  if (code < 0x7F) return utf8(code);
  if (code < 0x10000) return unicode_escape(code);
  return unicode_escape(0xD800 + ((code - 0x10000) >> 10)) +
         unicode_escape(0xDC00 + (code & 0x3FF));
}

template <class Visit>
void for_each_code_point(Visit visit) {
  for (std::uint32_t code = 0; code <= 0x10FFFF; ++code)
    if (code < 0xD800 || code > 0xDFFF) visit(code);
}

// str.isspace() of CPython 3.11, all of it.
constexpr std::array<std::uint32_t, 29> spaces = {
    0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x1C,   0x1D,   0x1E,   0x1F,   0x20,
    0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
    0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};

TEST(Strip, TakesExactlyTheWhiteSpaceOfPythonFromBothEnds) {
  for_each_code_point([](std::uint32_t code) {
    const bool space = std::ranges::find(spaces, code) != spaces.end();
    const std::string c = utf8(code);
    ASSERT_EQ(strip(c), space ? "" : c) << code;
    ASSERT_EQ(strip(c + "x"), space ? "x" : c + "x") << code;
    ASSERT_EQ(strip("x" + c), space ? "x" : "x" + c) << code;
  });
}

TEST(Strip, LeavesWhiteSpaceInsideAlone) { EXPECT_EQ(strip(" \t a \n b \r\n"), "a \n b"); }

TEST(Strip, TakesRunsOfMixedWhiteSpace) {
  std::string all;
  for (const std::uint32_t code : spaces) all += utf8(code);
  EXPECT_EQ(strip(all), "");
  EXPECT_EQ(strip(all + "x" + all), "x");
}

TEST(Strip, KeepsNulAndZeroWidthSpace) {
  const std::string nul(1, '\0');
  EXPECT_EQ(strip(nul), nul);
  EXPECT_EQ(strip("\xE2\x80\x8B"), "\xE2\x80\x8B");
  EXPECT_EQ(strip("\xEF\xBB\xBF"), "\xEF\xBB\xBF");
}

TEST(Strip, OfNothingIsNothing) { EXPECT_EQ(strip(""), ""); }

TEST(CodePoints, CountsCodePointsNotBytes) {
  EXPECT_EQ(code_points(""), 0u);
  EXPECT_EQ(code_points("abc"), 3u);
  EXPECT_EQ(code_points("\xC3\xA9\xE6\x9D\x8E\xF0\x9F\x98\x80"), 3u);
  EXPECT_EQ(code_points(std::string(1000, 'a') + "\xF0\x9F\x98\x80"), 1001u);
}

TEST(JsonAscii, SpellsEveryCodePointAsPythonDoes) {
  for_each_code_point([](std::uint32_t code) {
    ASSERT_EQ(in_ascii(utf8(code)), as_python_escapes(code, true)) << code;
  });
}

// Copied from CPython 3.11: json.dumps(text)[1:-1].
TEST(JsonAscii, GivesWhatPythonGave) {
  EXPECT_EQ(in_ascii("\xC3\xA9\xF0\x9F\x98\x80/"), "\\u00e9\\ud83d\\ude00/");
  EXPECT_EQ(in_ascii("\x7F\xC2\x80/\x1F\xE2\x80\xA8"), "\\u007f\\u0080/\\u001f\\u2028");
  EXPECT_EQ(in_ascii({"a\0b", 3}), "a\\u0000b");
  EXPECT_EQ(in_ascii("<script>a/b\"c\\d</script>'&"), "<script>a/b\\\"c\\\\d</script>'&");
  EXPECT_EQ(in_ascii("\xF4\x8F\xBF\xBF\xEF\xBF\xBF"), "\\udbff\\udfff\\uffff");
}

TEST(JsonUtf8, SpellsEveryCodePointAsTheRestFrameworkDoes) {
  for_each_code_point([](std::uint32_t code) {
    ASSERT_EQ(in_utf8(utf8(code)), as_python_escapes(code, false)) << code;
  });
}

TEST(JsonUtf8, GivesWhatPythonGave) {
  EXPECT_EQ(in_utf8("\x7F\xC2\x80/\x1F\b\f\n\r\t"), "\x7F\xC2\x80/\\u001f\\b\\f\\n\\r\\t");
  EXPECT_EQ(in_utf8("a\xE2\x80\xA8"
                    "b\xE2\x80\xA9"),
            "a\\u2028b\\u2029");
  EXPECT_EQ(in_utf8("\xE2\x80\xA7\xE2\x80\xAA\xE2\x81\x80"),
            "\xE2\x80\xA7\xE2\x80\xAA\xE2\x81\x80");
}

// Long runs take another path than short ones: every kind of character at every place of every
// length.
TEST(JsonEscaping, DoesNotDependOnWhereACharacterStands) {
  for (const std::uint32_t code : {0x22u, 0x5Cu, 0x0Au, 0x00u, 0x1Fu, 0x7Fu, 0xE9u, 0x674Eu,
                                   0x2027u, 0x2028u, 0x2029u, 0x1F600u})
    for (std::size_t before = 0; before < 40; ++before)
      for (std::size_t after = 0; after < 40; ++after) {
        const std::string head(before, 'h');
        const std::string tail(after, 't');
        const std::string text = head + utf8(code) + tail;
        ASSERT_EQ(in_ascii(text), head + as_python_escapes(code, true) + tail);
        ASSERT_EQ(in_utf8(text), head + as_python_escapes(code, false) + tail);
      }
}

TEST(JsonEscaping, EscapesRunsOfMixedCharacters) {
  std::string text;
  std::string ascii;
  std::string compact;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const std::uint32_t code = i % 7 == 0 ? i * 37 : i % 5 == 0 ? i : 'a' + i % 26;
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    text += utf8(code);
    ascii += as_python_escapes(code, true);
    compact += as_python_escapes(code, false);
  }
  EXPECT_EQ(in_ascii(text), ascii);
  EXPECT_EQ(in_utf8(text), compact);
}

TEST(JsonEscaping, AppendsBehindWhatIsThere) {
  std::string out = "before ";
  append_json_ascii(out, "\xC3\xA9");
  append_json_utf8(out, " \xC3\xA9");
  EXPECT_EQ(out, "before \\u00e9 \xC3\xA9");
}

TEST(JsonAsciiSize, IsWhatPutWritesEvenForBytesThatAreNotUtf8) {
  std::string text;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    text += static_cast<char>(i * 2654435761u >> 24);
    const std::string_view tail =
        std::string_view{text}.substr(text.size() - std::min<std::size_t>(text.size(), 21));
    std::string out(json_ascii_size(tail), '?');
    ASSERT_EQ(put_json_ascii(out.data(), tail), out.data() + out.size()) << i;
  }
}

}  // namespace
}  // namespace banter::wire
