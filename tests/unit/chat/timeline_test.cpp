#include "chat/timeline.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chat/limits.hpp"

namespace banter::chat {
namespace {

constexpr ConversationId room{7};

Event event(std::int64_t seq, std::string text = "x") {
  return {.conversation = room,
          .seq = Seq{seq},
          .author = UserId{1},
          .payload = std::move(text),
          .client_id = {},
          .at = Micros{seq}};
}

// A timeline whose log ends at head, the newest `window` events of it in memory.
Timeline timeline(std::int64_t head, std::int64_t window = 0) {
  Stretch latest{.events = {}, .first = Seq{1}, .head = Seq{head}};
  for (std::int64_t seq = head - window + 1; seq <= head; ++seq)
    latest.events.push_back(event(seq));
  return {room, std::move(latest)};
}

std::vector<std::int64_t> seqs(const Stretch& stretch) {
  std::vector<std::int64_t> all;
  for (const auto& e : stretch.events) all.push_back(e.seq.value);
  return all;
}
using Seqs = std::vector<std::int64_t>;

TEST(Timeline, DeliversTheNextEvent) {
  auto t = timeline(0);
  EXPECT_EQ(t.offer(event(1)), 1U);
  EXPECT_EQ(t.offer(event(2)), 1U);
  EXPECT_EQ(t.head(), Seq{2});
  EXPECT_FALSE(t.gap());
}

TEST(Timeline, DropsWhatItHasSeen) {
  auto t = timeline(5, 5);
  EXPECT_EQ(t.offer(event(5)), 0U);
  EXPECT_EQ(t.offer(event(1)), 0U);
  EXPECT_EQ(t.head(), Seq{5});
  EXPECT_EQ(t.window().size(), 5U);
}

TEST(Timeline, HoldsAnEarlyEventAndNamesTheGap) {
  auto t = timeline(2);
  EXPECT_EQ(t.offer(event(5)), 0U);
  ASSERT_TRUE(t.gap());
  EXPECT_EQ(t.gap()->after, Seq{2});
  EXPECT_EQ(t.gap()->before, Seq{5});
  EXPECT_EQ(t.head(), Seq{2});
}

TEST(Timeline, DeliversHeldEventsInOrderWhenTheGapIsFilled) {
  auto t = timeline(0);
  EXPECT_EQ(t.offer(event(3)), 0U);
  EXPECT_EQ(t.offer(event(2)), 0U);
  EXPECT_EQ(t.offer(event(1)), 3U);
  EXPECT_EQ(t.head(), Seq{3});
  EXPECT_FALSE(t.gap());
  ASSERT_EQ(t.window().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(t.window()[i].seq.value, static_cast<std::int64_t>(i + 1));
  }
}

TEST(Timeline, StopsAtTheSecondOfTwoGaps) {
  auto t = timeline(0);
  (void)t.offer(event(2));
  (void)t.offer(event(4));
  EXPECT_EQ(t.offer(event(1)), 2U);
  ASSERT_TRUE(t.gap());
  EXPECT_EQ(t.gap()->after, Seq{2});
  EXPECT_EQ(t.gap()->before, Seq{4});
}

TEST(Timeline, KeepsOneOfRepeatedEarlyEvents) {
  auto t = timeline(0);
  (void)t.offer(event(2, "first"));
  (void)t.offer(event(2, "first"));
  EXPECT_EQ(t.offer(event(1)), 2U);
}

TEST(Timeline, NamesALostTail) {
  auto t = timeline(3);
  t.learn_head(Seq{6});
  ASSERT_TRUE(t.gap());
  EXPECT_EQ(t.gap()->after, Seq{3});
  EXPECT_EQ(t.gap()->before, Seq{7});
  for (std::int64_t seq = 4; seq <= 6; ++seq) EXPECT_EQ(t.offer(event(seq)), 1U);
  EXPECT_FALSE(t.gap());
}

TEST(Timeline, IgnoresAHeadOfThePast) {
  auto t = timeline(3);
  t.learn_head(Seq{2});
  EXPECT_FALSE(t.gap());
}

TEST(Timeline, RemembersEarlyEventsItHadNoRoomToHold) {
  auto t = timeline(0);
  const auto last = static_cast<std::int64_t>(hold_events_max) + 10;
  for (std::int64_t seq = 2; seq <= last; ++seq) EXPECT_EQ(t.offer(event(seq)), 0U);
  EXPECT_EQ(t.offer(event(1)), hold_events_max + 1);
  ASSERT_TRUE(t.gap()) << "what was dropped is still known to be missing";
  EXPECT_EQ(t.gap()->before, Seq{last + 1});
}

TEST(Timeline, TrimsTheWindowFromItsOldEnd) {
  auto t = timeline(0);
  for (std::int64_t seq = 1; seq <= 10; ++seq) (void)t.offer(event(seq, std::string(10, 'x')));
  EXPECT_EQ(t.window_bytes(), 100U);
  t.trim(4, 1000);
  EXPECT_EQ(t.window().front().seq, Seq{7});
  t.trim(4, 25);
  EXPECT_EQ(t.window().size(), 2U);
  EXPECT_EQ(t.window_bytes(), 20U);
  t.trim(0, 0);
  EXPECT_EQ(t.window().size(), 1U) << "one always stays";
}

TEST(TimelineRead, GivesTheNewest) {
  const auto t = timeline(10, 10);
  const auto stretch = t.read({.count = 3, .newest = true});
  ASSERT_TRUE(stretch);
  EXPECT_EQ(seqs(*stretch), (Seqs{8, 9, 10}));
  EXPECT_EQ(stretch->head, Seq{10});
}

TEST(TimelineRead, ShowsEventsInPlaceAsItGivesCopies) {
  const auto t = timeline(300, 200);
  const auto visited = [&t](const Range& range) -> std::optional<Seqs> {
    Seqs seen;
    if (!t.visit(range, [&](const Event& event) { seen.push_back(event.seq.value); })) return {};
    return seen;
  };
  const std::vector<Range> ranges{{.count = 3, .newest = true},
                                  {.after = Seq{150}, .count = 5},
                                  {.before = Seq{120}, .count = 5, .newest = true},
                                  {.after = Seq{300}, .count = 5},
                                  {.count = 9, .bytes_max = 1, .newest = true}};
  for (const Range& range : ranges) EXPECT_EQ(visited(range), seqs(*t.read(range)));
  EXPECT_FALSE(visited({.count = 201, .newest = true})) << "the store has them";
}

TEST(TimelineRead, GivesTheOldestAfterASeq) {
  const auto t = timeline(10, 10);
  EXPECT_EQ(seqs(*t.read({.after = Seq{4}, .count = 3})), (Seqs{5, 6, 7}));
}

TEST(TimelineRead, GivesTheNewestBeforeASeq) {
  const auto t = timeline(10, 10);
  EXPECT_EQ(seqs(*t.read({.before = Seq{5}, .count = 3, .newest = true})), (Seqs{2, 3, 4}));
  EXPECT_EQ(seqs(*t.read({.before = Seq{2}, .count = 3, .newest = true})), (Seqs{1}));
}

TEST(TimelineRead, DeclinesWhatTheWindowDoesNotHold) {
  const auto t = timeline(300, 200);
  EXPECT_FALSE(t.read({.after = Seq{99}, .count = 10}));
  EXPECT_TRUE(t.read({.after = Seq{100}, .count = 10}));
  EXPECT_FALSE(t.read({.before = Seq{102}, .count = 2, .newest = true}));
  EXPECT_FALSE(t.read({.count = 201, .newest = true}));
}

TEST(TimelineRead, ServesTheWholeLogWhenTheWindowHoldsIt) {
  const auto t = timeline(3, 3);
  EXPECT_EQ(seqs(*t.read({.count = 200, .newest = true})), (Seqs{1, 2, 3}));
}

TEST(TimelineRead, AnswersEmptyRangesFromMemory) {
  const auto t = timeline(10, 2);
  const auto stretch = t.read({.after = Seq{10}, .count = 5});
  ASSERT_TRUE(stretch);
  EXPECT_TRUE(stretch->events.empty());
  EXPECT_EQ(stretch->head, Seq{10});
  EXPECT_TRUE(timeline(0).read({.count = 50, .newest = true})->events.empty());
}

TEST(TimelineRead, KeepsTheByteBoundFromTheEndThatWasAskedFor) {
  auto t = timeline(0);
  for (std::int64_t seq = 1; seq <= 5; ++seq) (void)t.offer(event(seq, std::string(10, 'x')));
  EXPECT_EQ(seqs(*t.read({.count = 5, .bytes_max = 25, .newest = true})), (Seqs{4, 5}));
  EXPECT_EQ(seqs(*t.read({.count = 5, .bytes_max = 25})), (Seqs{1, 2}));
  EXPECT_EQ(seqs(*t.read({.count = 5, .bytes_max = 1})), (Seqs{1})) << "one is always given";
}

TEST(TimelineRead, KnowsLogsThatStartLate) {
  Stretch latest{.events = {event(51), event(52)}, .first = Seq{51}, .head = Seq{52}};
  const Timeline t(room, std::move(latest));
  EXPECT_EQ(seqs(*t.read({.count = 50, .newest = true})), (Seqs{51, 52}));
  EXPECT_EQ(seqs(*t.read({.after = Seq{0}, .count = 50})), (Seqs{51, 52}));
}

}  // namespace
}  // namespace banter::chat
