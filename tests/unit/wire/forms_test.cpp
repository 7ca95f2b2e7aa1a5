#include "wire/forms.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/utf8.hpp"

namespace banter::wire {
namespace {

using namespace std::string_literals;
using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields(std::string_view text) { return Form::parse(text).value().fields(); }

constexpr auto replacement = "\xEF\xBF\xBD";

TEST(Forms, AreNamesAndValuesInTheirOrder) {
  EXPECT_EQ(fields("a=1&b=2&a=3"), (Fields{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
  EXPECT_EQ(fields(""), Fields{});
  EXPECT_EQ(fields("a=b=c"), (Fields{{"a", "b=c"}}));
  EXPECT_EQ(fields("a;b=1;2"), (Fields{{"a;b", "1;2"}}));
}

TEST(Forms, KeepBlankValuesAndSkipEmptyFields) {
  EXPECT_EQ(fields("limit"), (Fields{{"limit", ""}}));
  EXPECT_EQ(fields("limit="), (Fields{{"limit", ""}}));
  EXPECT_EQ(fields("=x"), (Fields{{"", "x"}}));
  EXPECT_EQ(fields("&&a=1&&"), (Fields{{"a", "1"}}));
}

TEST(Forms, ChooseTheFirstOrTheLastOfRepeatedFields) {
  const Form form = Form::parse("token=one&x=y&token=two").value();
  EXPECT_EQ(form.first("token"), "one");
  EXPECT_EQ(form.last("token"), "two");
  EXPECT_EQ(form.first("TOKEN"), std::nullopt);
  EXPECT_EQ(form.last("absent"), std::nullopt);
}

TEST(Forms, DecodePlusAndPercent) {
  EXPECT_EQ(fields("first_name=A+B"), (Fields{{"first_name", "A B"}}));
  EXPECT_EQ(fields("e=a%40b.cd%2B%2b"), (Fields{{"e", "a@b.cd++"}}));
  EXPECT_EQ(fields("a%3Db=%26"), (Fields{{"a=b", "&"}}));
  EXPECT_EQ(fields("t=a%2Eb%2Ec"), (Fields{{"t", "a.b.c"}}));
  EXPECT_EQ(fields("z=%00"), (Fields{{"z", "\0"s}}));
}

TEST(Forms, KeepBadPercentEscapesAsTheyAre) {
  EXPECT_EQ(fields("a=%"), (Fields{{"a", "%"}}));
  EXPECT_EQ(fields("a=%4"), (Fields{{"a", "%4"}}));
  EXPECT_EQ(fields("a=%zz%4x%41"), (Fields{{"a", "%zz%4xA"}}));
  EXPECT_EQ(fields("a=%%41"), (Fields{{"a", "%A"}}));
}

TEST(Forms, DecodeOnlyOnce) { EXPECT_EQ(fields("a=%2541"), (Fields{{"a", "%41"}})); }

TEST(Forms, MakeUtf8OfAnything) {
  const auto value = [](std::string_view text) { return fields(text).at(0).second; };
  EXPECT_EQ(value("a=%C3%A4\xC3\xA4"), "\xC3\xA4\xC3\xA4");
  EXPECT_EQ(value("a=%FF"), replacement);
  EXPECT_EQ(value("a=%FFb"), replacement + "b"s);
  EXPECT_EQ(value("a=%E2%82b"), replacement + "b"s);  // a cut code point is one
  EXPECT_EQ(value("a=%E2%82"), replacement);
  EXPECT_EQ(value("a=%E2%28%A1"), replacement + "("s + replacement);
  EXPECT_EQ(value("a=%ED%A0%80"), replacement + ""s + replacement + replacement);
  for (int first = 0x80; first < 0x100; ++first)
    for (int second = 0; second < 0x100; ++second) {
      const std::string bytes{'a', '=', static_cast<char>(first), static_cast<char>(second)};
      for (const auto& [name, text] : fields(bytes)) EXPECT_TRUE(base::is_utf8(text));
    }
}

TEST(Forms, MayHave1000FieldsAndNoMore) {
  std::string text = "a=1";
  for (int i = 1; i < 1'000; ++i) text += "&a=1";
  EXPECT_EQ(fields(text).size(), 1'000u);
  const auto over = Form::parse(text + "&");
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error(), FormError::too_many_fields);
}

TEST(PercentDecoding, LeavesThePlusAloneInPaths) {
  EXPECT_EQ(percent_decoded("a+b%20c", false), "a+b c");
  EXPECT_EQ(percent_decoded("a+b%20c", true), "a b c");
}

TEST(Integers, AreWhatPythonReadsInAsciiDigits) {
  EXPECT_EQ(integer("2"), 2);
  EXPECT_EQ(integer("+2"), 2);
  EXPECT_EQ(integer("-2"), -2);
  EXPECT_EQ(integer("007"), 7);
  EXPECT_EQ(integer("0"), 0);
  EXPECT_EQ(integer("-0"), 0);
  EXPECT_EQ(integer("000"), 0);
  EXPECT_EQ(integer(" 2 "), 2);
  EXPECT_EQ(integer("\t\n2\r\x1F"), 2);
  EXPECT_EQ(integer("\xC2\xA0"
                    "2\xE3\x80\x80"),
            2);
}

TEST(Integers, AreNothingElse) {
  for (const std::string& text :
       {""s, " "s, "abc"s, "1.5"s, "1e2"s, "1_0"s, "\xD9\xA2"s, "0x10"s, "null"s, "\0"s, "2\0"s,
        "+"s, "-"s, "+-2"s, "--2"s, "+ 2"s, "2 3"s, "\xEF\xBC\x92"s, replacement + ""s})
    EXPECT_EQ(integer(text), std::nullopt) << text;
}

TEST(Integers, AreClampedButOnlyUpToTheDigitsOfPython) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(integer("9223372036854775807"), max);
  EXPECT_EQ(integer("9223372036854775808"), max);
  EXPECT_EQ(integer("-9223372036854775808"), min);
  EXPECT_EQ(integer("-9223372036854775809"), min);
  EXPECT_EQ(integer("99999999999999999999999"), max);
  EXPECT_EQ(integer(std::string(4'300, '9')), max);
  EXPECT_EQ(integer(std::string(4'299, '0') + "7"), 7);
  EXPECT_EQ(integer(std::string(4'301, '9')), std::nullopt);
}

TEST(PathIds, AreDigitsOnly) {
  EXPECT_EQ(path_id("7"), ConversationId{7});
  EXPECT_EQ(path_id("0007"), ConversationId{7});
  EXPECT_EQ(path_id("0"), ConversationId{0});
  EXPECT_EQ(path_id("99999999999999999999"),
            ConversationId{std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(path_id(std::string(400, '9')),
            ConversationId{std::numeric_limits<std::int64_t>::max()});
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "abc", "1.5", "1x", "\xD9\xA1"})
    EXPECT_EQ(path_id(text), std::nullopt) << text;
}

}  // namespace
}  // namespace banter::wire
