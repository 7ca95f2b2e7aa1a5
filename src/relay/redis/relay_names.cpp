#include "relay/redis/relay_names.hpp"

#include <fmt/format.h>

#include <charconv>

#include "chat/event_record.hpp"

namespace banter::relay {
namespace {

constexpr char version = 1;
constexpr std::int64_t partitions = 256;

std::string name(std::string_view epoch, ConversationId conversation, char what) {
  return fmt::format("banter:{{p:{}}}:{}:{}:{}", conversation.value % partitions, epoch, what,
                     conversation.value);
}

bool well_formed(const chat::Event& event) {
  return event.conversation.value > 0 && event.seq.value > 0;
}

}  // namespace

std::string window_key(std::string_view epoch, ConversationId conversation) {
  return name(epoch, conversation, 'w');
}

std::string event_channel(std::string_view epoch, ConversationId conversation) {
  return name(epoch, conversation, 'c');
}

std::string notice_channel(std::string_view epoch) { return fmt::format("banter:{{n}}:{}", epoch); }

std::optional<ConversationId> conversation_of(std::string_view epoch, std::string_view channel) {
  const auto colon = channel.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ConversationId conversation;
  const auto digits = channel.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), conversation.value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (event_channel(epoch, conversation) != channel) return std::nullopt;
  return conversation;
}

std::string encode_member(const chat::Event& event) {
  std::string record(1, version);
  chat::put_event(record, event);
  return record;
}

std::optional<chat::Event> decode_member(std::string_view bytes) {
  chat::RecordReader reader(bytes);
  if (reader.byte() != version) return std::nullopt;
  auto event = reader.event();
  if (reader.failed() || !reader.at_end() || !well_formed(event)) return std::nullopt;
  return event;
}

std::string encode_events(std::string_view node, std::span<const chat::Event* const> events) {
  std::string record(node);
  record += version;
  for (const auto* event : events) chat::put_event(record, *event);
  return record;
}

std::optional<std::vector<chat::Event>> decode_events(std::string_view own_node,
                                                      std::string_view bytes) {
  chat::RecordReader reader(bytes);
  const auto node = reader.bytes(node_bytes);
  if (reader.byte() != version) return std::nullopt;
  std::vector<chat::Event> events;
  if (node == own_node) return events;
  while (!reader.at_end()) {
    events.push_back(reader.event());
    if (reader.failed() || !well_formed(events.back())) return std::nullopt;
  }
  return events;
}

std::string encode_notice(std::string_view node, const chat::Notice& notice) {
  std::string record(node);
  record += version;
  record += static_cast<char>(notice.kind);
  chat::put_number(record, notice.user.value);
  chat::put_number(record, notice.conversation.value);
  return record;
}

std::optional<std::vector<chat::Notice>> decode_notice(std::string_view own_node,
                                                       std::string_view bytes) {
  using Kind = chat::Notice::Kind;
  chat::RecordReader reader(bytes);
  const auto node = reader.bytes(node_bytes);
  if (reader.byte() != version) return std::nullopt;
  const auto kind = reader.byte();
  const chat::Notice notice{.kind = static_cast<Kind>(kind),
                            .user = UserId{reader.number()},
                            .conversation = ConversationId{reader.number()}};
  if (reader.failed() || !reader.at_end() || kind > static_cast<std::uint8_t>(Kind::anything)) {
    return std::nullopt;
  }
  if (node == own_node) return std::vector<chat::Notice>{};
  return std::vector{notice};
}

}  // namespace banter::relay
