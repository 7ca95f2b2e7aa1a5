#include "relay/redis/relay_commands.hpp"

#include <algorithm>
#include <utility>

#include "chat/limits.hpp"
#include "relay/redis/cluster_slots.hpp"
#include "relay/redis/relay_names.hpp"
#include "relay/redis/resp.hpp"

namespace banter::relay {
namespace {

constexpr std::string_view window_life_ms = "259200000";  // 3 days, as the replaced system had it

using EventRefs = std::span<const chat::Event* const>;

// ZADD key seq event …, and what keeps the window small and mortal.
std::vector<std::string> window_commands(const std::string& key, EventRefs events) {
  std::vector<std::string> parts{"ZADD", key};
  for (const auto* event : events) {
    parts.push_back(std::to_string(event->seq.value));
    parts.push_back(encode_member(*event));
  }
  const std::vector<std::string_view> words(parts.begin(), parts.end());
  std::string add;
  append_command(add, words);
  const auto beyond = "-" + std::to_string(chat::window_events_max + 1);
  return {std::move(add), command_of({"ZREMRANGEBYRANK", key, "0", beyond}),
          command_of({"PEXPIRE", key, window_life_ms})};
}

std::vector<const chat::Event*> pointers_to(std::span<const chat::Event> events) {
  std::vector<const chat::Event*> pointers;
  pointers.reserve(events.size());
  for (const auto& event : events) pointers.push_back(&event);
  return pointers;
}

// Calls each(conversation, its events) for every conversation, the events in their order.
template <class Each>
void by_conversation(std::span<const chat::Event> events, Each each) {
  const auto of = [](const chat::Event* event) { return event->conversation; };
  auto sorted = pointers_to(events);
  std::ranges::sort(sorted, {}, [](const chat::Event* event) {
    return std::pair(event->conversation, event->seq);
  });
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto conversation = of(*begin);
    const auto end = std::find_if(begin, sorted.end(), [&](const chat::Event* event) {
      return event->conversation != conversation;
    });
    each(conversation, EventRefs(begin, end));
    begin = end;
  }
}

}  // namespace

std::string command_of(std::initializer_list<std::string_view> words) {
  std::string text;
  append_command(text, words);
  return text;
}

std::size_t SlotCommands::bytes() const {
  std::size_t total = 0;
  for (const auto& command : commands) total += command.size();
  return total;
}

std::vector<SlotCommands> publish_commands(std::string_view epoch, std::string_view node,
                                           std::span<const chat::Event> events) {
  std::vector<SlotCommands> batch;
  by_conversation(events, [&](ConversationId conversation, EventRefs part) {
    const auto channel = event_channel(epoch, conversation);
    auto commands = window_commands(window_key(epoch, conversation), part);
    // Heard first: nobody waits for the window.
    commands.insert(commands.begin(), command_of({"SPUBLISH", channel, encode_events(node, part)}));
    batch.push_back({.slot = slot_of(channel), .commands = std::move(commands)});
  });
  return batch;
}

SlotCommands remember_commands(std::string_view epoch, std::span<const chat::Event> events) {
  const auto key = window_key(epoch, events.front().conversation);
  auto commands = window_commands(key, pointers_to(events));
  // A hole in it would stay: what is there is what was found wanting.
  commands.insert(commands.begin(), command_of({"DEL", key}));
  return {.slot = slot_of(key), .commands = std::move(commands)};
}

}  // namespace banter::relay
