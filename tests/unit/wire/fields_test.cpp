#include "wire/fields.hpp"

#include <gtest/gtest.h>

#include <string>

namespace banter::wire {
namespace {

using namespace std::string_literals;

constexpr auto json_type = "application/json";
constexpr auto form_type = "application/x-www-form-urlencoded";

Fields read(std::string_view body) {
  auto fields = read_fields(json_type, body);
  EXPECT_TRUE(fields) << body << " " << fields.error().body;
  return fields ? *std::move(fields) : Fields{};
}

std::string number(std::string_view text) {
  return read(R"({"a":)" + std::string(text) + "}")["a"].text;
}

// What follows "JSON parse error - ".
std::string error_words(std::string_view body) {
  const auto fields = read_fields(json_type, body);
  if (fields) return "no error";
  EXPECT_EQ(fields.error().status, 400u);
  const std::string prefix = R"({"detail":"JSON parse error - )";
  const std::string& text = fields.error().body;
  EXPECT_TRUE(text.starts_with(prefix) && text.ends_with("\"}")) << text;
  return text.substr(prefix.size(), text.size() - prefix.size() - 2);
}

TEST(JsonFields, HaveTheKindsOfJson) {
  const Fields fields =
      read(R"({"n":null,"t":true,"f":false,"i":5,"r":1.5,"s":"x","a":[],"o":{}})");
  EXPECT_EQ(fields.kind, FieldKind::object);
  EXPECT_EQ(fields["n"].kind, FieldKind::null);
  EXPECT_EQ(fields["t"].kind, FieldKind::boolean);
  EXPECT_EQ(fields["f"].kind, FieldKind::boolean);
  EXPECT_EQ(fields["i"].kind, FieldKind::integer);
  EXPECT_EQ(fields["r"].kind, FieldKind::real);
  EXPECT_EQ(fields["s"].kind, FieldKind::text);
  EXPECT_EQ(fields["a"].kind, FieldKind::array);
  EXPECT_EQ(fields["o"].kind, FieldKind::object);
  EXPECT_EQ(fields["absent"].kind, FieldKind::missing);
}

TEST(JsonFields, TellTheKindOfABodyThatIsNoObject) {
  EXPECT_EQ(read("null").kind, FieldKind::null);
  EXPECT_EQ(read("true").kind, FieldKind::boolean);
  EXPECT_EQ(read("0").kind, FieldKind::integer);
  EXPECT_EQ(read("1.5").kind, FieldKind::real);
  EXPECT_EQ(read("\"x\"").kind, FieldKind::text);
  EXPECT_EQ(read("[1,{\"a\":1}]").kind, FieldKind::array);
  EXPECT_TRUE(read("[1,{\"a\":1}]").members.empty());
}

TEST(JsonFields, TakeTheLastOfRepeatedMembers) {
  EXPECT_EQ(read(R"({"a":"1","b":"x","a":"2"})")["a"].text, "2");
}

TEST(JsonFields, KeepTheElementsOfAnArrayAndNothingDeeper) {
  const Fields fields =
      read(R"({"x":{"member_ids":[9]},"member_ids":[1,"2",null,[3,4],{"a":5},true,2.5],"y":[6]})");
  const Field& ids = fields["member_ids"];
  ASSERT_EQ(ids.elements.size(), 7u);
  EXPECT_EQ(ids.elements[0].text, "1");
  EXPECT_EQ(ids.elements[1].text, "2");
  EXPECT_EQ(ids.elements[1].kind, FieldKind::text);
  EXPECT_EQ(ids.elements[2].kind, FieldKind::null);
  EXPECT_EQ(ids.elements[3].kind, FieldKind::array);
  EXPECT_TRUE(ids.elements[3].elements.empty());
  EXPECT_EQ(ids.elements[4].kind, FieldKind::object);
  EXPECT_EQ(ids.elements[5].kind, FieldKind::boolean);
  EXPECT_EQ(ids.elements[6].text, "2.5");
  EXPECT_EQ(fields.members.size(), 3u);
  EXPECT_EQ(fields["y"].elements.at(0).text, "6");
}

TEST(JsonFields, UndoEscapesInNamesAndValues) {
  const Fields fields = read(R"({"na\u006de":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000"})");
  EXPECT_EQ(fields["name"].text, "\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80\0"s);
}

TEST(JsonFields, SpellNumbersAsPythonDoes) {
  EXPECT_EQ(number("12345678"), "12345678");
  EXPECT_EQ(number("-5"), "-5");
  EXPECT_EQ(number("0"), "0");
  EXPECT_EQ(number("-0"), "0");
  EXPECT_EQ(number("1000000000000000000000000000001"), "1000000000000000000000000000001");
  EXPECT_EQ(number("12345678.5"), "12345678.5");
  EXPECT_EQ(number("1.0"), "1.0");
  EXPECT_EQ(number("-0.0"), "-0.0");
  EXPECT_EQ(number("1e2"), "100.0");
  EXPECT_EQ(number("0.1"), "0.1");
  EXPECT_EQ(number("0.00001"), "1e-05");
  EXPECT_EQ(number("1e15"), "1000000000000000.0");
  EXPECT_EQ(number("1e16"), "1e+16");
  EXPECT_EQ(number("1e23"), "1e+23");
  EXPECT_EQ(number("1.7976931348623157e308"), "1.7976931348623157e+308");
  EXPECT_EQ(number("123456789012345678901234567890.123"), "1.2345678901234568e+29");
}

TEST(JsonFields, TakeNumbersBeyondADouble) {
  EXPECT_EQ(number("1e400"), "inf");
  EXPECT_EQ(number("-1e400"), "-inf");
  EXPECT_EQ(number("1e-400"), "0.0");
}

TEST(JsonFields, MarkLoneSurrogates) {
  const auto surrogate = [](std::string_view text) {
    return lone_surrogate(read(R"({"a":")" + std::string(text) + "\"}")["a"].text);
  };
  EXPECT_EQ(surrogate(R"(A\ud800)"), 0xD800u);
  EXPECT_EQ(surrogate(R"(\udfff)"), 0xDFFFu);
  EXPECT_EQ(surrogate(R"(\uDbFf!)"), 0xDBFFu);
  EXPECT_EQ(surrogate(R"(\udc00\ud800)"), 0xDC00u);
  EXPECT_EQ(surrogate(R"(\ud800\ud83d\ude00)"), 0xD800u);
  EXPECT_EQ(surrogate(R"(\ud83d\ude00\ud801)"), 0xD801u);
  EXPECT_EQ(surrogate(R"(\ud83d\ude00)"), 0u);
  EXPECT_EQ(surrogate(R"(\\ud800)"), 0u);  // a backslash, and then letters
  EXPECT_EQ(surrogate(R"(\\\ud800)"), 0xD800u);
  EXPECT_EQ(surrogate("\xED\x9F\xBF\xEE\x80\x80"), 0u);  // U+D7FF, U+E000
}

TEST(JsonFields, FindAMemberBesideALoneSurrogate) {
  const Fields fields = read(R"({"\ud800":"x","a":"\ud800","b":"y"})");
  EXPECT_EQ(fields["b"].text, "y");
  EXPECT_EQ(fields["a"].text, "\xED\xA0\x80");
}

TEST(JsonErrors, SayWhatAndWhere) {
  EXPECT_EQ(error_words("{\"a\":1} x"), "Extra data: line 1 column 9 (char 8)");
  EXPECT_EQ(error_words("{\n\"\xC3\xA4\":1} x"), "Extra data: line 2 column 8 (char 9)");
  EXPECT_EQ(error_words("abc"), "Expecting value: line 1 column 1 (char 0)");
  EXPECT_EQ(error_words("{\"a\":1,}"),
            "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)");
  EXPECT_EQ(error_words("{\"a\":\"b"), "Unterminated string starting at: line 1 column 6 (char 5)");
  EXPECT_EQ(error_words("  \n "), "Expecting value: line 2 column 2 (char 4)");
  EXPECT_EQ(error_words("\xEF\xBB\xBF{}"),
            "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
  EXPECT_EQ(error_words(R"({"a":"\ud800",})"),
            "Expecting property name enclosed in double quotes: "
            "line 1 column 15 (char 14)");
  EXPECT_EQ(error_words("[NaN]"), "Out of range float values are not JSON compliant: 'NaN'");
}

TEST(JsonErrors, NameTheByteThatIsNoUtf8) {
  EXPECT_EQ(error_words("{\"a\":\"\xFF\xFE\"}"),
            "'utf-8' codec can't decode byte 0xff in position 6: invalid start byte");
  EXPECT_EQ(error_words("\"\xE2\x82\""),
            "'utf-8' codec can't decode byte 0xe2 in position 1: invalid continuation byte");
  EXPECT_EQ(error_words("\"\xE2\x82"),
            "'utf-8' codec can't decode byte 0xe2 in position 1: unexpected end of data");
  EXPECT_EQ(error_words("\"\xED\xA0\x80\""),
            "'utf-8' codec can't decode byte 0xed in position 1: invalid continuation byte");
}

TEST(JsonErrors, MeetWhatIsNotJson) {
  for (const char* body : {"{",
                           "[",
                           "{'a':1}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "[1,]",
                           "[1 2]",
                           "01",
                           "{\"a\":01}",
                           "{\"a\":NaN}",
                           "{\"a\":Infinity}",
                           "{\"a\":-Infinity}",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\u\"",
                           "\"a\nb\"",
                           "\"a\tb\"",
                           "\"",
                           "tru",
                           "nul",
                           "//x\n1",
                           "{}{}",
                           "]",
                           "\\ud800"})
    EXPECT_NE(error_words(body), "no error") << body;
}

TEST(JsonErrors, MeetNestingBeyondTheLimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(read(nested(500)).kind, FieldKind::array);
  EXPECT_TRUE(error_words(nested(501)).starts_with("Nested too deeply: line 1 column "));
  EXPECT_TRUE(error_words(std::string(100'000, '[')).starts_with("Nested too deeply"));
}

TEST(MediaTypes, AreJsonOrAFormAndNothingElse) {
  for (const char* type : {"application/json", "APPLICATION/JSON",
                           "application/json; charset=utf-8", "application/json;charset=klingon",
                           "application/json; foo=bar", " application/json ", "application/json;"})
    EXPECT_TRUE(read_fields(type, "{}")) << type;
  for (const char* type : {"text/plain", "application/xml", "application/vnd.api+json", "text/json",
                           "application/octet-stream", "garbage", "", "*/*",
                           "multipart/form-data; boundary=x", "application/jsonx"}) {
    const auto refused = read_fields(type, "{}");
    ASSERT_FALSE(refused) << type;
    EXPECT_EQ(refused.error().status, 415u);
    EXPECT_TRUE(refused.error().body.contains(R"(\")" + std::string(type) + R"(\")"))
        << refused.error().body;
  }
}

TEST(MediaTypes, DoNotMatterWithoutABody) {
  for (const char* type : {"", "application/json", "text/plain", form_type}) {
    const auto fields = read_fields(type, "");
    ASSERT_TRUE(fields) << type;
    EXPECT_EQ(fields->kind, FieldKind::object);
    EXPECT_TRUE(fields->members.empty());
  }
}

TEST(MediaTypes, HonourTheCharsetsThatJsonComesIn) {
  const auto value = [](std::string_view charset, std::string_view body) {
    const auto fields = read_fields("application/json; charset=" + std::string(charset), body);
    return fields ? (*fields)["a"].text : fields.error().body;
  };
  EXPECT_EQ(value("latin-1", "{\"a\":\"\xE4\"}"), "\xC3\xA4");
  EXPECT_EQ(value("\"ISO-8859-1\"", "{\"a\":\"\xE4\"}"), "\xC3\xA4");
  const std::string little = "{\0\"\0a\0\"\0:\0\"\0\xE4\0\"\0}\0"s;
  EXPECT_EQ(value("utf-16", "\xFF\xFE" + little), "\xC3\xA4");
  EXPECT_EQ(value("UTF-16", little), "\xC3\xA4");
  EXPECT_EQ(value("utf-16-le", little), "\xC3\xA4");
  const std::string big = "\0{\0\"\0a\0\"\0:\0\"\xD8\x3D\xDE\x00\0\"\0}"s;
  EXPECT_EQ(value("utf-16", "\xFE\xFF" + big), "\xF0\x9F\x98\x80");
  EXPECT_EQ(value("utf-16-be", big), "\xF0\x9F\x98\x80");
  EXPECT_EQ(value("utf-16-be", big + "\0"s),
            R"({"detail":"JSON parse error - the body is not valid utf-16-be"})");
  EXPECT_EQ(value("utf-16-be", "\xD8\x3D"s),
            R"({"detail":"JSON parse error - the body is not valid utf-16-be"})");
}

TEST(FormFields, AreTextsAndTheLastWins) {
  const auto fields = read_fields(form_type, "a=1&b=x+y&a=2");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->kind, FieldKind::object);
  EXPECT_EQ((*fields)["a"].text, "2");
  EXPECT_EQ((*fields)["a"].kind, FieldKind::text);
  EXPECT_EQ((*fields)["b"].text, "x y");
}

TEST(FormFields, AreRefusedInMasses) {
  const auto refused = read_fields(form_type, std::string(1'000, '&'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 400u);
}

}  // namespace
}  // namespace banter::wire
