#include "wire/command.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace banter::wire {

// Found by argument-dependent look-up: what a failing expectation prints.
std::string describe(const std::expected<Command, CommandError>& result) {
  static constexpr std::string_view words[] = {"bad_json", "bad_message", "empty_text",
                                               "too_large"};
  if (!result) {
    std::string out{words[static_cast<std::size_t>(result.error().code)]};
    return result.error().client_id.empty() ? out : out + " for " + result.error().client_id;
  }
  if (result->kind == Command::ignored) return "ignored";
  std::string out = "post <" + result->text + ">";
  return result->client_id.empty() ? out : out + " as " + result->client_id;
}

namespace {

struct Row {
  std::string name;
  std::string frame;
  std::string meaning;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.frame; }

class CommandTable : public testing::TestWithParam<Row> {};

TEST_P(CommandTable, MeansTheSameToEveryClient) {
  EXPECT_EQ(describe(parse_command(GetParam().frame)), GetParam().meaning);
}

std::string name_of(const testing::TestParamInfo<Row>& row) { return row.param.name; }

std::string repeat(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Posts, CommandTable,
    testing::ValuesIn(std::vector<Row>{
        {"Text", R"({"text": "hello"})", "post <hello>"},
        {"TextWithId", R"({"text":"hello","client_id":"c-1"})", "post <hello> as c-1"},
        {"IdFirst", R"({"client_id":"c-1","text":"hello"})", "post <hello> as c-1"},
        {"SpaceEverywhere", " \t\r\n{ \"text\" : \"hello\" , \"client_id\" : \"c\" } \n",
         "post <hello> as c"},
        {"UnknownMembers", R"({"text": "x", "id": 5, "user_id": 1, "foo": 1})", "post <x>"},
        {"UnknownMembersOfEveryKind",
         R"({"a":null,"b":true,"c":[1,{"text":"inner"}],"text":"x","d":{"text":5},"f":-1.5e3})",
         "post <x>"},
        {"NumbersThatNoDoubleHolds",
         R"({"text":"x","y":1e400,"z":-1e99999999999,"i":)" + repeat("9", 5000) + "}", "post <x>"},
        {"HalfASurrogatePairInAnUnknownMember", R"({"text":"x","y":"\ud800","\udfff":1})",
         "post <x>"},
        {"TheLastOfTwo", R"({"text":"first","text":"second"})", "post <second>"},
        {"TheLastOfTwoOfOtherKinds", R"({"text":5,"text":"second"})", "post <second>"},
        {"TheLastOfTwoIds", R"({"client_id":5,"text":"x","client_id":"b"})", "post <x> as b"},
        {"EscapedName", R"({"te\u0078t":"x","client\u005fid":"c"})", "post <x> as c"},
        {"Escapes", R"({"text":"a\"b\\c\/d\b\f\n\r\te"})", "post <a\"b\\c/d\b\f\n\r\te>"},
        {"EscapedLetters", R"({"text":"\u0041\u00e9\u674E\uD83D\uDE00"})",
         "post <A\xC3\xA9\xE6\x9D\x8E\xF0\x9F\x98\x80>"},
        {"LastAndFirstOfEachLength",
         R"({"text":"\u007f\u0080\u07ff\u0800\uffff\ud800\udc00\udbff\udfff"})",
         "post <\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF>"},
        {"PlainUtf8", "{\"text\":\"\xF0\x9F\x98\x80 \xE6\x9D\x8E \xC3\xA9\"}",
         "post <\xF0\x9F\x98\x80 \xE6\x9D\x8E \xC3\xA9>"},
        {"Nul", R"({"text":"a\u0000b"})", std::string{"post <a\0b>", 10}},
        {"OnlyNul", R"({"text":"\u0000"})", std::string{"post <\0>", 8}},
        {"ZeroWidthSpace", R"({"text":"\u200b"})", "post <\xE2\x80\x8B>"},
        {"Html", R"({"text":"<script>alert(1)</script>"})", "post <<script>alert(1)</script>>"},
        {"TrimmedSpace", R"({"text":"  hello\n\n"})", "post <hello>"},
        {"TrimmedUnicodeSpace", R"({"text":"\u00a0x\u2003"})", "post <x>"},
        {"TrimmedPlainUnicodeSpace", "{\"text\":\"\xC2\xA0x\xE2\x80\x83\"}", "post <x>"},
        {"TrimmedFileSeparator", R"({"text":"\u001cx\u001f"})", "post <x>"},
        {"EscapedId", R"({"text":"x","client_id":"a\u0041\""})", "post <x> as aA\""},
        {"LongestId", R"({"text":"x","client_id":")" + repeat("i", 64) + "\"}",
         "post <x> as " + repeat("i", 64)},
        {"IdOfEveryPrintableCharacter", R"({"text":"x","client_id":" !#~"})", "post <x> as  !#~"},
        {"LongestText", R"({"text":")" + repeat("x", 8192) + "\"}",
         "post <" + repeat("x", 8192) + ">"},
        {"LongestTextAfterTrimming", R"({"text":" )" + repeat("x", 8192) + " \"}",
         "post <" + repeat("x", 8192) + ">"},
        {"DeepButNotTooDeep", R"({"text":"x","y":)" + repeat("[", 31) + repeat("]", 31) + "}",
         "post <x>"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(Ignored, CommandTable,
                         testing::ValuesIn(std::vector<Row>{
                             {"Null", "null", "ignored"},
                             {"EmptyArray", "[]", "ignored"},
                             {"EmptyArrayWithSpace", " [ \n ] ", "ignored"},
                             {"EmptyObject", "{}", "ignored"},
                             {"EmptyObjectWithSpace", "{ \t}", "ignored"},
                             {"Zero", "0", "ignored"},
                             {"MinusZero", "-0", "ignored"},
                             {"ZeroPointZero", "0.0", "ignored"},
                             {"ZeroWithAnExponent", "-0.00e+17", "ignored"},
                             {"False", "false", "ignored"},
                             {"EmptyString", "\"\"", "ignored"},
                             {"EmptyText", R"({"text": ""})", "ignored"},
                             {"WhiteSpaceText", R"({"text": " \t\n "})", "ignored"},
                             {"UnicodeWhiteSpaceText", R"({"text": "\u2003\u3000\u0085"})",
                              "ignored"},
                             {"OtherMembersOnly", R"({"message": "x"})", "ignored"},
                             {"NamesAreCaseSensitive", R"({"Text": "x"})", "ignored"},
                             {"NamesAreWhole", R"({"tex": "x", "text2": "x", "": "x"})", "ignored"},
                             {"InnerMembersDoNotCount", R"({"a": {"text": "x"}})", "ignored"},
                         }),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    NotJson, CommandTable,
    testing::ValuesIn(std::vector<Row>{
        {"Empty", "", "bad_json"},
        {"OnlySpace", " \n", "bad_json"},
        {"Word", "hello", "bad_json"},
        {"Truncated", R"({"text":"x")", "bad_json"},
        {"TruncatedString", R"({"text":"x)", "bad_json"},
        {"TruncatedEscape", R"({"text":"\)", "bad_json"},
        {"TruncatedUnicodeEscape", R"({"text":"\u12)", "bad_json"},
        {"TruncatedWord", "nul", "bad_json"},
        {"WordTooLong", "nulls", "bad_json"},
        {"UpperCaseWord", "Null", "bad_json"},
        {"NotANumber", R"({"text":"x","y":NaN})", "bad_json"},
        {"Infinity", R"({"text":"x","y":Infinity})", "bad_json"},
        {"MinusInfinity", R"({"text":"x","y":-Infinity})", "bad_json"},
        {"ByteOrderMark", "\xEF\xBB\xBF{\"text\":\"x\"}", "bad_json"},
        {"SomethingBehind", R"({"text":"x"} x)", "bad_json"},
        {"TwoValues", R"({"text":"x"}{"text":"y"})", "bad_json"},
        {"CommaAtTheEnd", R"({"text":"x",})", "bad_json"},
        {"CommaAtTheEndOfAnArray", "[1,]", "bad_json"},
        {"NoComma", R"({"text":"x" "y":1})", "bad_json"},
        {"NoColon", R"({"text" "x"})", "bad_json"},
        {"NoValue", R"({"text":})", "bad_json"},
        {"NameWithoutQuotes", R"({text:"x"})", "bad_json"},
        {"SingleQuotes", "{'text':'x'}", "bad_json"},
        {"NumberAsName", R"({1:"x"})", "bad_json"},
        {"Comment", "{\"text\":\"x\"/**/}", "bad_json"},
        {"ControlCharacterInAString", "{\"text\":\"a\nb\"}", "bad_json"},
        {"ControlCharacterInsteadOfAQuote", "\"hello\n", "bad_json"},
        {"NulInAString", std::string{"{\"text\":\"a\0b\"}", 14}, "bad_json"},
        {"NulBehind", std::string{"{}\0", 3}, "bad_json"},
        {"BadEscape", R"({"text":"\x"})", "bad_json"},
        {"BadHex", R"({"text":"\u00g0"})", "bad_json"},
        {"CapitalU", R"({"text":"\U0041"})", "bad_json"},
        {"BadEscapeInAnUnknownMember", R"({"text":"x","y":"\q"})", "bad_json"},
        {"LeadingZero", R"({"text":"x","y":01})", "bad_json"},
        {"PlusSign", R"({"text":"x","y":+1})", "bad_json"},
        {"NoDigits", R"({"text":"x","y":-})", "bad_json"},
        {"NoDigitsBehindThePoint", R"({"text":"x","y":1.})", "bad_json"},
        {"NoDigitsBeforeThePoint", R"({"text":"x","y":.5})", "bad_json"},
        {"NoDigitsInTheExponent", R"({"text":"x","y":1e+})", "bad_json"},
        {"Hexadecimal", R"({"text":"x","y":0x10})", "bad_json"},
        {"UnbalancedBrackets", R"({"text":"x","y":[1})", "bad_json"},
        {"TooDeep", R"({"text":"x","y":)" + repeat("[", 32) + repeat("]", 32) + "}", "bad_json"},
        {"TooDeepInObjects", repeat(R"({"a":)", 33) + "1" + repeat("}", 33), "bad_json"},
        {"HopelesslyDeep", repeat("[", 60'000), "bad_json"},
    }),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    NotACommand, CommandTable,
    testing::ValuesIn(std::vector<Row>{
        {"Array", "[1]", "bad_message"},
        {"ArrayOfNothing", "[null]", "bad_message"},
        {"True", "true", "bad_message"},
        {"Number", "5", "bad_message"},
        {"SmallNumber", "0.001", "bad_message"},
        {"String", "\"hello\"", "bad_message"},
        {"WhiteSpaceString", "\" \"", "bad_message"},
        {"TextNull", R"({"text": null})", "bad_message"},
        {"TextNumber", R"({"text": 5})", "bad_message"},
        {"TextZero", R"({"text": 0})", "bad_message"},
        {"TextTrue", R"({"text": true})", "bad_message"},
        {"TextFalse", R"({"text": false})", "bad_message"},
        {"TextArray", R"({"text": ["a"]})", "bad_message"},
        {"TextObject", R"({"text": {"a": 1}})", "bad_message"},
        {"TextNullWithId", R"({"text": null, "client_id": "c"})", "bad_message for c"},
        {"TheLastOfTwoTextsIsBad", R"({"text":"x","text":5})", "bad_message"},
        {"HighSurrogate", R"({"text":"a\ud800b"})", "bad_message"},
        {"LowSurrogate", R"({"text":"a\udc00b"})", "bad_message"},
        {"SurrogateAtTheEnd", R"({"text":"a\udbff"})", "bad_message"},
        {"SurrogatesInTheWrongOrder", R"({"text":"\ude00\ud83d"})", "bad_message"},
        {"TwoHighSurrogates", R"({"text":"\ud83d\ud83d\ude00"})", "bad_message"},
        {"HighSurrogateBeforeALetter", R"({"text":"\ud83d\u0041"})", "bad_message"},
        {"SurrogateWithId", R"({"text":"a\ud800b","client_id":"c"})", "bad_message for c"},
        {"IdNull", R"({"text":"x","client_id":null})", "bad_message"},
        {"IdNumber", R"({"text":"x","client_id":7})", "bad_message"},
        {"IdArray", R"({"text":"x","client_id":["c"]})", "bad_message"},
        {"IdEmpty", R"({"text":"x","client_id":""})", "bad_message"},
        {"IdTooLong", R"({"text":"x","client_id":")" + repeat("i", 65) + "\"}", "bad_message"},
        {"IdWithAControlCharacter", R"({"text":"x","client_id":"a\u001fb"})", "bad_message"},
        {"IdWithDelete", "{\"text\":\"x\",\"client_id\":\"a\x7F\"}", "bad_message"},
        {"IdNotAscii", "{\"text\":\"x\",\"client_id\":\"\xC3\xA9\"}", "bad_message"},
        {"IdWithASurrogate", R"({"text":"x","client_id":"\ud800"})", "bad_message"},
        {"BadIdIsToldEvenOfABlankText", R"({"text":"","client_id":7})", "bad_message"},
        {"BlankWithId", R"({"text":" ","client_id":"c"})", "empty_text for c"},
        {"EmptyWithId", R"({"text":"","client_id":"c"})", "empty_text for c"},
        {"MissingWithId", R"({"client_id":"c"})", "empty_text for c"},
        {"EscapedBlankWithId", R"({"text":"\u2003\n","client_id":"c"})", "empty_text for c"},
        {"OneByteTooLarge", R"({"text":")" + repeat("x", 8193) + "\"}", "too_large"},
        {"TooLargeWithId", R"({"client_id":"c","text":")" + repeat("x", 8193) + "\"}",
         "too_large for c"},
        {"TooLargeInBytesNotInCharacters", R"({"text":")" + repeat("\xC3\xA9", 4097) + "\"}",
         "too_large"},
        {"TooLargeWhenUnescaped", R"({"text":")" + repeat(R"(\u674e)", 2731) + "\"}", "too_large"},
    }),
    name_of);

TEST(Command, LargestTextCountsWhatEscapesStandFor) {
  const std::string frame = R"({"text":")" + repeat(R"(\u0041)", 10) + "\"}";
  EXPECT_EQ(describe(parse_command(frame, 10)), "post <AAAAAAAAAA>");
  EXPECT_EQ(describe(parse_command(frame, 9)), "too_large");
}

TEST(Command, ErrorsTellWhatToDo) {
  for (const auto* frame : {"", "[1]", R"({"text":5})", R"({"text":"\ud800"})",
                            R"({"client_id":5})", R"({"client_id":"c"})"}) {
    const auto result = parse_command(frame);
    ASSERT_FALSE(result) << frame;
    EXPECT_GT(result.error().detail.size(), 15u) << frame;
    EXPECT_EQ(result.error().detail.back(), '.') << frame;
  }
  const auto large = parse_command(R"({"text":"hello"})", 4);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().detail,
            "text is 5 bytes of UTF-8, of 4 that are taken. Send it in parts.");
}

// Runs of plain bytes are skipped sixteen at a time: what ends a run is found wherever it stands.
TEST(Command, ReadsTextOfEveryLength) {
  for (std::size_t size = 1; size < 100; ++size) {
    const std::string plain = repeat("x", size);
    ASSERT_EQ(describe(parse_command("{\"text\":\"" + plain + "\"}")), "post <" + plain + ">");
    ASSERT_EQ(describe(parse_command("{\"text\":\"" + plain + "\\n" + plain + "\"}")),
              "post <" + plain + "\n" + plain + ">");
    ASSERT_EQ(describe(parse_command("{\"text\":\"" + plain + "\t" + plain + "\"}")), "bad_json");
  }
}

}  // namespace
}  // namespace banter::wire
