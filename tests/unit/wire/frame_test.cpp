#include "wire/frame.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace banter::wire {
namespace {

std::string frame(FrameKind kind, std::string_view payload) {
  std::string out;
  append_frame(out, kind, payload);
  return out;
}

std::string bytes(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned value : values) out += static_cast<char>(value);
  return out;
}

TEST(Frame, WritesTheUnmaskedHelloOfTheRfc) {
  EXPECT_EQ(frame(FrameKind::text, "Hello"), bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
}

TEST(Frame, MarksEveryKindByItsOpcodeAndAsFinal) {
  EXPECT_EQ(frame(FrameKind::text, ""), bytes({0x81, 0}));
  EXPECT_EQ(frame(FrameKind::binary, ""), bytes({0x82, 0}));
  EXPECT_EQ(frame(FrameKind::close, ""), bytes({0x88, 0}));
  EXPECT_EQ(frame(FrameKind::ping, "abcd"), bytes({0x89, 4, 'a', 'b', 'c', 'd'}));
  EXPECT_EQ(frame(FrameKind::pong, "x"), bytes({0x8A, 1, 'x'}));
}

TEST(Frame, WritesTheShortestLengthThatFits) {
  const auto header_for = [](std::size_t size) {
    const std::string whole = frame(FrameKind::binary, std::string(size, 'x'));
    EXPECT_EQ(whole.substr(whole.size() - size), std::string(size, 'x'));
    EXPECT_EQ(whole.size() - size, frame_header_size(size));
    return whole.substr(0, whole.size() - size);
  };
  EXPECT_EQ(header_for(0), bytes({0x82, 0}));
  EXPECT_EQ(header_for(125), bytes({0x82, 125}));
  EXPECT_EQ(header_for(126), bytes({0x82, 126, 0, 126}));
  EXPECT_EQ(header_for(0x1234), bytes({0x82, 126, 0x12, 0x34}));
  EXPECT_EQ(header_for(65535), bytes({0x82, 126, 0xFF, 0xFF}));
  EXPECT_EQ(header_for(65536), bytes({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(header_for(0x123456), bytes({0x82, 127, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56}));
}

TEST(Frame, PutsLengthsThatNoTestCanAllocate) {
  std::array<char, 10> header;
  const char* const end = put_frame_header(header.data(), FrameKind::text, 0x0102030405060708);
  EXPECT_EQ(end - header.data(), 10);
  EXPECT_EQ(std::string(header.data(), header.size()), bytes({0x81, 127, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Frame, AppendsBehindWhatIsThere) {
  std::string out = "before";
  append_frame(out, FrameKind::text, "a");
  append_frame(out, FrameKind::text, "b");
  EXPECT_EQ(out, "before" + bytes({0x81, 1, 'a', 0x81, 1, 'b'}));
}

TEST(Frame, RefusesAControlFrameOverItsBound) {
  std::string out;
  append_frame(out, FrameKind::ping, std::string(125, 'x'));
  EXPECT_DEATH(append_frame(out, FrameKind::ping, std::string(126, 'x')), "control frames");
}

TEST(CloseFrame, HoldsCodeAndReason) {
  EXPECT_EQ(close_frame(1000, "bye"), bytes({0x88, 5, 0x03, 0xE8, 'b', 'y', 'e'}));
  EXPECT_EQ(close_frame(4108, ""), bytes({0x88, 2, 0x10, 0x0C}));
}

TEST(CloseFrame, IsEmptyWithoutACode) {
  EXPECT_EQ(close_frame(0, ""), bytes({0x88, 0}));
  EXPECT_EQ(close_frame(0, "no code, no reason"), bytes({0x88, 0}));
}

TEST(CloseFrame, KeepsAReasonOf123Bytes) {
  const std::string reason(123, 'r');
  EXPECT_EQ(close_frame(1001, reason), bytes({0x88, 125, 0x03, 0xE9}) + reason);
}

TEST(CloseFrame, CutsALongReasonBetweenTwoCodePoints) {
  const std::string smile = "\xF0\x9F\x98\x80";
  EXPECT_EQ(close_frame(1001, std::string(200, 'r')),
            bytes({0x88, 125, 0x03, 0xE9}) + std::string(123, 'r'));
  for (const std::size_t before : {119u, 120u, 121u, 122u, 123u}) {
    const std::string start(before, 'r');
    const std::string kept = before == 119 ? start + smile : start;
    EXPECT_EQ(close_frame(1001, start + smile + "tail").substr(4), kept) << before;
  }
}

}  // namespace
}  // namespace banter::wire
