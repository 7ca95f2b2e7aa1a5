#include "wire/json_scan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace banter::wire {
namespace {

constexpr std::size_t depth_max = 4;

std::optional<JsonValue> scan(std::string_view text) { return scan_json(text, depth_max, {}); }

TEST(JsonScan, TellsTheKindAndTheTextOfAValue) {
  const auto expect = [](std::string_view text, JsonKind kind, std::string_view raw) {
    const auto value = scan(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->kind, kind) << text;
    EXPECT_EQ(value->raw, raw) << text;
  };
  expect(" null ", JsonKind::null, "null");
  expect("true", JsonKind::boolean, "true");
  expect("-12.5E+3", JsonKind::number, "-12.5E+3");
  expect("\"a\\nb\"", JsonKind::string, "a\\nb");
  expect(" [1, [2]] ", JsonKind::array, "[1, [2]]");
  expect("{\"a\": {}}", JsonKind::object, "{\"a\": {}}");
}

TEST(JsonScan, FillsInTheWantedMembersAndNoOthers) {
  std::array wanted = {JsonMember{"a"}, JsonMember{"b"}, JsonMember{"c"}};
  ASSERT_TRUE(scan_json(R"({"b": 1, "x": {"c": 2}, "a": "z", "b": [3]})", depth_max, wanted));
  EXPECT_EQ(wanted[0].value.kind, JsonKind::string);
  EXPECT_EQ(wanted[0].value.raw, "z");
  EXPECT_EQ(wanted[1].value.kind, JsonKind::array);
  EXPECT_EQ(wanted[1].value.raw, "[3]");
  EXPECT_EQ(wanted[2].value.kind, JsonKind::absent);
}

TEST(JsonScan, ReadsDownToItsDepthAndNoFurther) {
  EXPECT_TRUE(scan("[[[[]]]]"));
  EXPECT_FALSE(scan("[[[[[]]]]]"));
  EXPECT_TRUE(scan(R"([{"a":[{}]}])"));
  EXPECT_FALSE(scan(R"([{"a":[{"b":[]}]}])"));
  EXPECT_TRUE(scan("[[],[],[],[],[],[[]]]")) << "what is closed counts no more";
  EXPECT_TRUE(scan("[{},{},{},{},{},[{}]]")) << "what is closed counts no more";
}

TEST(JsonScan, MarksStringsThatMeanOtherThanTheyRead) {
  EXPECT_FALSE(scan(R"("plain")")->escaped);
  EXPECT_TRUE(scan(R"("\n")")->escaped);
  EXPECT_FALSE(scan(R"("\ud83d\ude00")")->lone_surrogate);
  EXPECT_TRUE(scan(R"("\ud83d")")->lone_surrogate);
  EXPECT_TRUE(scan(R"("\ude00")")->lone_surrogate);
  EXPECT_TRUE(scan(R"("\ud83d\n\ude00")")->lone_surrogate);
}

TEST(JsonScan, UnescapesWhatItTook) {
  const auto meaning = [](std::string_view text) { return unescape(*scan(text)); };
  EXPECT_EQ(meaning(R"("")"), "");
  EXPECT_EQ(meaning(R"("plain")"), "plain");
  EXPECT_EQ(meaning(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(meaning(R"("a\u00e9\u674E\ud83d\ude00z")"), "a\xC3\xA9\xE6\x9D\x8E\xF0\x9F\x98\x80z");
  EXPECT_EQ(meaning(R"("\ud800x\udc00\ud83d\ud83d\ude00")"),
            "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST(JsonScan, CallsEmptyThingsFalse) {
  for (const char* text :
       {"null", "false", "0", "-0", "0.000", "0e99", "\"\"", "[]", "[ \n]", "{}", "{\t}"})
    EXPECT_FALSE(is_truthy(*scan(text))) << text;
  for (const char* text :
       {"true", "1", "-0.01", "10", "0.1e-5", "\" \"", "[0]", "[[]]", R"({"a":0})"})
    EXPECT_TRUE(is_truthy(*scan(text))) << text;
  EXPECT_FALSE(is_truthy(JsonValue{}));
}

// A view of the middle of a text must not be read past its end.
TEST(JsonScan, StopsWhereTheTextStops) {
  const std::string text = R"({"text": "hello there", "n": [1, 2.5e3, true, null]})";
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(scan(std::string_view{text}.substr(0, size))) << size;
  EXPECT_TRUE(scan(text));
  EXPECT_TRUE(scan(std::string_view{"12345"}.substr(0, 3)));
  EXPECT_EQ(scan(std::string_view{"12345"}.substr(0, 3))->raw, "123");
}

}  // namespace
}  // namespace banter::wire
