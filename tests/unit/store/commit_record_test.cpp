#include "store/sqlite/commit_record.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace banter::store {
namespace {

std::vector<chat::Event> samples() {
  const auto most = std::numeric_limits<std::int64_t>::max();
  return {{.conversation = ConversationId{1},
           .seq = Seq{127},
           .author = UserId{128},
           .kind = chat::EventKind::message,
           .payload = "",
           .client_id = "",
           .at = Micros{0}},
          {.conversation = ConversationId{most},
           .seq = Seq{most},
           .author = UserId{most},
           .kind = static_cast<chat::EventKind>(255),
           .payload = std::string("a\0b", 3) + std::string(9'000, 'x'),
           .client_id = std::string(64, '~'),
           .at = Micros{-1}}};
}

TEST(CommitRecord, GivesBackEveryEvent) {
  const auto events = samples();
  const auto decoded = decode_commit(encode_commit(events));
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ((*decoded)[i].conversation, events[i].conversation);
    EXPECT_EQ((*decoded)[i].seq, events[i].seq);
    EXPECT_EQ((*decoded)[i].author, events[i].author);
    EXPECT_EQ((*decoded)[i].kind, events[i].kind);
    EXPECT_EQ((*decoded)[i].payload, events[i].payload);
    EXPECT_EQ((*decoded)[i].client_id, events[i].client_id);
    EXPECT_EQ((*decoded)[i].at, events[i].at);
  }
}

TEST(CommitRecord, OfNothingIsNothing) {
  const auto decoded = decode_commit(encode_commit({}));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->empty());
}

TEST(CommitRecord, CutOffAnywhereItIsNotTaken) {
  auto events = samples();
  events[1].payload.resize(20);
  const auto record = encode_commit(events);
  const auto first = encode_commit(std::span(events).first(1)).size();
  for (std::size_t size = 0; size < record.size(); ++size) {
    const auto decoded = decode_commit(std::string_view(record).substr(0, size));
    const bool whole_events = size == 1 || size == first;
    EXPECT_EQ(decoded.has_value(), whole_events) << size;
  }
}

TEST(CommitRecord, WhatIsNoneIsNotTaken) {
  EXPECT_FALSE(decode_commit("").has_value());
  EXPECT_FALSE(decode_commit("\x02").has_value());
  EXPECT_FALSE(decode_commit("\x01" + std::string(20, '\xff')).has_value());
}

}  // namespace
}  // namespace banter::store
