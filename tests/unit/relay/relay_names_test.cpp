#include "relay/redis/relay_names.hpp"

#include <gtest/gtest.h>

#include "relay/redis/cluster_slots.hpp"
#include "relay/redis/relay_commands.hpp"

namespace banter::relay {
namespace {

constexpr std::string_view here = "node-one";
constexpr std::string_view there = "node-two";

chat::Event event(std::int64_t conversation, std::int64_t seq, std::string text = "hi") {
  return {.conversation = ConversationId{conversation},
          .seq = Seq{seq},
          .author = UserId{3},
          .payload = std::move(text),
          .client_id = "c-1",
          .at = Micros{1'795'333'971'000'001}};
}

std::string published(std::string_view node, const std::vector<chat::Event>& events) {
  std::vector<const chat::Event*> pointers;
  for (const auto& each : events) pointers.push_back(&each);
  return encode_events(node, pointers);
}

TEST(RelayNames, PutWindowAndChannelOfAConversationIntoOneSlot) {
  for (const std::int64_t id : {1, 255, 256, 1'000'000}) {
    const ConversationId conversation{id};
    EXPECT_EQ(slot_of(window_key("e", conversation)), slot_of(event_channel("e", conversation)));
  }
  EXPECT_EQ(slot_of(window_key("e", ConversationId{5})),
            slot_of(window_key("f", ConversationId{261})));
}

TEST(RelayNames, FindTheConversationOfAChannelOfThisEpochOnly) {
  const ConversationId conversation{77};
  EXPECT_EQ(conversation_of("e1", event_channel("e1", conversation)), conversation);
  EXPECT_FALSE(conversation_of("e2", event_channel("e1", conversation)));
  EXPECT_FALSE(conversation_of("e1", window_key("e1", conversation)));
  for (const char* other : {"", ":", "banter:{p:1}:e1:c:", "banter:{p:2}:e1:c:77", "x:77"}) {
    EXPECT_FALSE(conversation_of("e1", other)) << other;
  }
}

TEST(RelayNames, CarryEventsBetweenNodes) {
  const std::vector events{event(7, 1), event(7, 2, std::string("a\0b\xFF", 4))};
  const auto heard = decode_events(there, published(here, events));
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->size(), 2U);
  EXPECT_EQ((*heard)[1].payload, events[1].payload);
  EXPECT_EQ((*heard)[1].seq, Seq{2});
  EXPECT_EQ((*heard)[1].client_id, "c-1");
  EXPECT_EQ((*heard)[1].at, events[1].at);
  EXPECT_TRUE(decode_events(here, published(here, events))->empty()) << "one's own words";
}

TEST(RelayNames, KnowGarbage) {
  const auto good = published(here, {event(7, 1)});
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (size == node_bytes + 1) continue;  // a message of no events
    EXPECT_FALSE(decode_events(there, good.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_events(there, published(here, {event(0, 1)})));
  EXPECT_FALSE(decode_events(there, published(here, {event(7, 0)})));
  const auto member = encode_member(event(7, 1));
  EXPECT_EQ(decode_member(member)->payload, "hi");
  EXPECT_FALSE(decode_member(member + "x"));
  EXPECT_FALSE(decode_member(""));
}

TEST(RelayNames, CarryNotices) {
  const chat::Notice notice{.kind = chat::Notice::Kind::member_removed,
                            .user = UserId{4},
                            .conversation = ConversationId{9}};
  const auto bytes = encode_notice(here, notice);
  const auto heard = decode_notice(there, bytes);
  ASSERT_TRUE(heard && heard->size() == 1);
  EXPECT_EQ((*heard)[0].kind, notice.kind);
  EXPECT_EQ((*heard)[0].conversation, notice.conversation);
  EXPECT_TRUE(decode_notice(here, bytes)->empty());
  EXPECT_FALSE(decode_notice(there, bytes + "x"));
  auto other = bytes;
  other[node_bytes + 1] = 99;
  EXPECT_FALSE(decode_notice(there, other));
}

TEST(RelayCommands, PublishEachConversationOnceInTheOrderOfItsSeqs) {
  const std::vector events{event(8, 5), event(7, 1), event(8, 6)};
  const auto batch = publish_commands("e", here, events);
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0].slot, slot_of(event_channel("e", ConversationId{7})));
  EXPECT_EQ(batch[1].commands.size(), 4U) << "publish, add, trim, expire";
  EXPECT_TRUE(batch[1].commands[0].contains("SPUBLISH"));
  EXPECT_LT(batch[1].commands[1].find("\r\n5\r\n"), batch[1].commands[1].find("\r\n6\r\n"));
}

}  // namespace
}  // namespace banter::relay
