// UTF-8 while streaming (RFC 6455 section 8.1) and closing (section 7.4).
#include "unit/ws/codec_table_suite.hpp"

namespace banter::ws {
namespace {

const std::string violation_1002 = "violation 1002";
const std::string violation_1007 = "violation 1007";

// One, two, three and four bytes long, at the edges of each length.
const std::string kosme = "\xCE\xBA\xCF\x8C\xCF\x83\xCE\xBC\xCE\xB5";
const std::string smile = "\xF0\x9F\x98\x80";
const std::string edges =
    "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"
    "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";

class CodecText : public testing::TestWithParam<Case> {};

TEST_P(CodecText, ReadsTheSameHoweverCut) { expect_same_events_however_cut(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Utf8, CodecText,
    testing::ValuesIn(std::vector<Case>{
        {"TwoByteLetters", text(kosme), {"text " + kosme}},
        {"Emoji", text(smile), {"text " + smile}},
        {"EdgesOfEveryLength", text(edges), {"text " + edges}},
        {"NoncharactersAreText",
         text("\xEF\xBF\xBE\xEF\xBF\xBF"),
         {"text \xEF\xBF\xBE\xEF\xBF\xBF"}},
        {"ByteOrderMarkIsText", text("\xEF\xBB\xBF{}"), {"text \xEF\xBB\xBF{}"}},
        {"LongAsciiThenEmoji",
         text(std::string(100, 'a') + smile),
         {"text " + std::string(100, 'a') + smile}},
        {"EmojiThenLongAscii",
         text(smile + std::string(100, 'a')),
         {"text " + smile + std::string(100, 'a')}},
        {"TwoBytesSplitBetweenFragments", text_begins("\xCE") + ends("\xBA"), {"text \xCE\xBA"}},
        {"ThreeBytesSplitAfter1", text_begins("\xE6") + ends("\x9D\x8E"), {"text \xE6\x9D\x8E"}},
        {"ThreeBytesSplitAfter2", text_begins("\xE6\x9D") + ends("\x8E"), {"text \xE6\x9D\x8E"}},
        {"FourBytesSplitAfter1", text_begins("\xF0") + ends("\x9F\x98\x80"), {"text " + smile}},
        {"FourBytesSplitAfter2", text_begins("\xF0\x9F") + ends("\x98\x80"), {"text " + smile}},
        {"FourBytesSplitAfter3", text_begins("\xF0\x9F\x98") + ends("\x80"), {"text " + smile}},
        {"FourBytesInFourFragments",
         text_begins("\xF0") + goes_on("\x9F") + goes_on("\x98") + ends("\x80"),
         {"text " + smile}},
        {"SplitWithEmptyFragmentsBetween",
         text_begins("\xF0\x9F") + goes_on("") + goes_on("") + ends("\x98\x80"),
         {"text " + smile}},
        {"SplitAroundAPing",
         text_begins("\xF0\x9F") + ping("\xFF") + ends("\x98\x80"),
         {"ping \xFF", "text " + smile}},
        {"FF", text("\xFF"), {violation_1007}},
        {"C0", text("\xC0\x80"), {violation_1007}},
        {"F5", text("\xF5\x80\x80\x80"), {violation_1007}},
        {"LoneContinuationByte", text("a\x80"), {violation_1007}},
        {"OverlongSlashIn2Bytes", text("\xC0\xAF"), {violation_1007}},
        {"OverlongSlashIn3Bytes", text("\xE0\x80\xAF"), {violation_1007}},
        {"OverlongSlashIn4Bytes", text("\xF0\x80\x80\xAF"), {violation_1007}},
        {"LargestOverlongIn3Bytes", text("\xE0\x9F\xBF"), {violation_1007}},
        {"LargestOverlongIn4Bytes", text("\xF0\x8F\xBF\xBF"), {violation_1007}},
        {"FirstSurrogate", text("\xED\xA0\x80"), {violation_1007}},
        {"LastSurrogate", text("\xED\xBF\xBF"), {violation_1007}},
        {"SurrogatePairInUtf8", text("\xED\xA0\xBD\xED\xB8\x80"), {violation_1007}},
        {"OnePastTheLastCodePoint", text("\xF4\x90\x80\x80"), {violation_1007}},
        {"FiveByteForm", text("\xF8\x88\x80\x80\x80"), {violation_1007}},
        {"Utf16IsNotUtf8", text("\xFF\xFEh"), {violation_1007}},
        {"EndsInsideTwoBytes", text("a\xCE"), {violation_1007}},
        {"EndsInsideThreeBytes", text("a\xE6\x9D"), {violation_1007}},
        {"EndsInsideFourBytes", text("a\xF0\x9F\x98"), {violation_1007}},
        {"EndsInsideACodePointInTheLastFragment",
         text_begins("a") + ends("\xF0\x9F"),
         {violation_1007}},
        {"EndsInsideACodePointBeforeAnEmptyFragment",
         text_begins("\xF0\x9F") + ends(""),
         {violation_1007}},
        {"BadByteAfterASplit", text_begins("\xF0\x9F") + ends("a"), {violation_1007}},
        {"AsciiInsideASplitCodePoint",
         text_begins("\xF0\x9F") + goes_on("a") + ends("\x98\x80"),
         {violation_1007}},
        {"AsciiInsideASplitCodePointIsSeenAtOnce",
         text_begins("\xF0\x9F") + goes_on("a"),
         {violation_1007}},
        {"BadByteInAnUnfinishedFragment", text_begins("a\xFF"), {violation_1007}},
        {"BadByteInAMiddleFragment", text_begins("a") + goes_on("\xFF"), {violation_1007}},
        {"BadByteInAnIncompleteFrame",
         text("a\xFF" + std::string(50, 'a')).substr(0, 8),
         {violation_1007}},
        {"OverlongSeenAtItsSecondByte",
         text("\xE0\x80\xAF and more").substr(0, 8),
         {violation_1007}},
        {"SurrogateSeenAtItsSecondByte",
         text("\xED\xA0\x80 and more").substr(0, 8),
         {violation_1007}},
        {"PastTheLastSeenAtItsSecondByte",
         text("\xF4\x90\x80\x80 more").substr(0, 8),
         {violation_1007}},
        {"PingBeforeTheBadFragment",
         text_begins("a") + ping("p") + ends("\xFF"),
         {"ping p", violation_1007}},
        {"BadByteAfter15", text(std::string(15, 'a') + "\xFF"), {violation_1007}},
        {"BadByteAfter16", text(std::string(16, 'a') + "\xFF"), {violation_1007}},
        {"BadByteAfter17",
         text(std::string(17, 'a') + "\xFF" + std::string(40, 'a')),
         {violation_1007}},
        {"TheNextMessageStartsAfresh",
         text(smile) + text("a") + text("\x80"),
         {"text " + smile, "text a", violation_1007}},
    }),
    name_of);

std::vector<Case> close_code_cases() {
  std::vector<Case> cases;
  for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u,
                              1013u, 1014u, 3000u, 3001u, 3999u, 4000u, 4001u, 4108u, 4998u, 4999u})
    cases.push_back({"Code" + std::to_string(code) + "IsTaken",
                     close(code, "bye"),
                     {"close " + std::to_string(code) + " bye"}});
  for (const unsigned code : {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u,
                              5000u, 5001u, 32768u, 65535u})
    cases.push_back(
        {"Code" + std::to_string(code) + "IsRefused", close(code, "bye"), {violation_1002}});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(CloseCodes, CodecText, testing::ValuesIn(close_code_cases()), name_of);

INSTANTIATE_TEST_SUITE_P(
    Closing, CodecText,
    testing::ValuesIn(std::vector<Case>{
        {"WithoutACode", frame(8, ""), {"close 0"}},
        {"WithACodeOnly", close(1000), {"close 1000"}},
        {"WithAReason", close(1000, "bye"), {"close 1000 bye"}},
        {"WithTheLongestReason",
         close(1001, std::string(123, 'r')),
         {"close 1001 " + std::string(123, 'r')}},
        {"WithTooLongAReason", close(1001, std::string(124, 'r')), {violation_1002}},
        {"OneByte", frame(8, "\x03"), {violation_1002}},
        {"ReasonInUtf8", close(1000, kosme), {"close 1000 " + kosme}},
        {"ReasonNotUtf8", close(1000, "\xFF"), {violation_1007}},
        {"ReasonEndsInsideACodePoint", close(1000, "bye \xF0\x9F\x98"), {violation_1007}},
        {"ReasonWithASurrogate", close(1000, "\xED\xA0\x80"), {violation_1007}},
        {"BadCodeIsSeenBeforeABadReason", close(1005, "\xFF"), {violation_1002}},
        {"WhatFollowsIsIgnored", close(1000) + text("late") + ping("late"), {"close 1000"}},
        {"GarbageAfterIsIgnored", close(1000) + "\xFF\xFF\xFF", {"close 1000"}},
        {"TheSecondCloseIsIgnored", close(1000) + close(1001), {"close 1000"}},
        {"AfterMessages", text("a") + close(1000, "bye"), {"text a", "close 1000 bye"}},
        {"InsideACodePointOfAMessage",
         text_begins("\xF0\x9F") + close(1000, "bye"),
         {"close 1000 bye"}},
        {"IncompleteSaysNothing", close(1000, "bye").substr(0, 10), {}},
    }),
    name_of);

}  // namespace
}  // namespace banter::ws
