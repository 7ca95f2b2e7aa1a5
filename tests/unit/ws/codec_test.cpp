// What the tables cannot show: where payloads lie, what memory is held, when something is refused.
#include "ws/codec.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "unit/ws/codec_table.hpp"

namespace {
// Heap memory in use, counted by replacing the global operators for this executable.
std::atomic<std::size_t> blocks_in_use = 0;
std::atomic<std::size_t> largest_block = 0;  // bytes, ever asked for
}  // namespace

void* operator new(std::size_t size) {
  void* const block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc{};
  ++blocks_in_use;
  if (size > largest_block) largest_block = size;
  return block;
}
void operator delete(void* block) noexcept {
  if (block != nullptr) --blocks_in_use;
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
// The sanitizers have their own for arrays, which would not be counted.
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }

namespace banter::ws {
namespace {

constexpr std::size_t message_bytes_max = 1000;

bool within(std::string_view inner, std::string_view outer) {
  return inner.data() >= outer.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

TEST(Codec, FitsACacheLine) { EXPECT_LE(sizeof(Decoder), 64u); }

TEST(Codec, ViewsWholeFramesWhereTheyWereFed) {
  std::string bytes =
      text("hello") + text_begins("") + ping("p") + ends("there") + close(1000, "bye");
  const std::size_t before = blocks_in_use;
  Decoder decoder{message_bytes_max};
  decoder.feed(bytes);
  std::size_t events = 0;
  while (const auto event = decoder.next()) {
    EXPECT_TRUE(within(event->payload, bytes)) << describe(*event);
    ++events;
  }
  EXPECT_EQ(events, 4u);
  EXPECT_EQ(blocks_in_use, before);
}

TEST(Codec, ViewsAPayloadWhereItWasFedThoughItsHeaderCameBefore) {
  std::string bytes = text("hello");
  std::string header = bytes.substr(0, 6);
  std::string payload = bytes.substr(6);
  const std::size_t before = blocks_in_use;
  Decoder decoder{message_bytes_max};
  decoder.feed(header);
  EXPECT_FALSE(decoder.next());
  decoder.feed(payload);
  const auto event = decoder.next();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->payload, "hello");
  EXPECT_TRUE(within(event->payload, payload));
  EXPECT_EQ(blocks_in_use, before);
}

TEST(Codec, OwnsNoMemoryOnceWhatWasHalfReceivedIsRead) {
  std::string begin = text("hello") + text_begins("frag") + ping("pi");
  std::string rest = begin.substr(begin.size() - 1) + ends("ment");
  begin.pop_back();
  Decoder decoder{message_bytes_max};
  const std::size_t before = blocks_in_use;

  decoder.feed(begin);
  while (decoder.next()) continue;
  const std::size_t half_received = blocks_in_use;
  decoder.feed(rest);
  const bool pinged = decoder.next().has_value();
  const auto message = decoder.next();
  const bool whole = message && message->payload == "fragment";
  const bool more = decoder.next().has_value();
  const std::size_t idle = blocks_in_use;

  EXPECT_EQ(half_received, before + 1);
  EXPECT_TRUE(pinged);
  EXPECT_TRUE(whole);
  EXPECT_FALSE(more);
  EXPECT_EQ(idle, before);
}

TEST(Codec, GivesMemoryToWhatArrivesNotToWhatAHeaderPromises) {
  Decoder decoder{std::size_t{1} << 30};
  std::string bytes = frame(2, "x", {.claimed = std::size_t{1} << 30});
  decoder.feed(bytes);
  largest_block = 0;
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.failed());
  EXPECT_LE(largest_block, 64u);
}

TEST(Codec, FailsOnlyAfterAViolationOrAClose) {
  Decoder violated{message_bytes_max};
  std::string bad = text("fine") + frame(3, "x");
  violated.feed(bad);
  EXPECT_TRUE(violated.next());
  EXPECT_FALSE(violated.failed());
  EXPECT_TRUE(violated.next());
  EXPECT_TRUE(violated.failed());

  Decoder closed{message_bytes_max};
  std::string good = close(1000);
  closed.feed(good);
  EXPECT_FALSE(closed.failed());
  EXPECT_TRUE(closed.next());
  EXPECT_TRUE(closed.failed());
}

TEST(Codec, IgnoresWhatIsFedAfterTheEnd) {
  Decoder decoder{message_bytes_max};
  std::string bad = frame(3, "x");
  decoder.feed(bad);
  EXPECT_TRUE(decoder.next());
  for (int i = 0; i < 3; ++i) {
    std::string more = text("more");
    decoder.feed(more);
    EXPECT_FALSE(decoder.next());
  }
}

TEST(Codec, RefusesABadByteBeforeTheFrameIsComplete) {
  Decoder decoder{message_bytes_max};
  std::string bytes = text("abc\xFF" + std::string(500, 'a'));
  std::string start = bytes.substr(0, bytes.size() - 501);  // up to "abc"
  std::string bad = bytes.substr(start.size(), 1);
  decoder.feed(start);
  EXPECT_FALSE(decoder.next());
  decoder.feed(bad);
  const auto event = decoder.next();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, EventKind::violation);
  EXPECT_EQ(event->code, 1007);
}

TEST(Codec, UnmasksEveryLengthUnderEveryTurnOfTheKey) {
  std::string letters;
  for (int i = 0; i < 100; ++i) letters += static_cast<char>('!' + i % 90);
  for (std::size_t size = 0; size <= letters.size(); ++size)
    for (std::size_t cut = 0; cut <= size; ++cut) {
      const std::string stream = binary(letters.substr(0, size));
      const auto events = events_of(stream, {6 + cut}, message_bytes_max);
      ASSERT_EQ(events.size(), 1u);
      ASSERT_EQ(events[0], size == 0 ? "binary" : "binary " + letters.substr(0, size));
    }
}

}  // namespace
}  // namespace banter::ws
