// The commands that carry events to Redis: publishing them, and keeping the windows. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.hpp"

namespace banter::relay {

// Commands that all touch one slot, in order.
struct SlotCommands {
  std::uint16_t slot;
  std::vector<std::string> commands;
  [[nodiscard]] std::size_t bytes() const;
};

[[nodiscard]] std::string command_of(std::initializer_list<std::string_view> words);
// For each conversation among the events: tells all nodes that subscribed, then adds to the window.
[[nodiscard]] std::vector<SlotCommands> publish_commands(std::string_view epoch,
                                                         std::string_view node,
                                                         std::span<const chat::Event> events);
// Makes the events, the newest of one conversation, its window. At least one event.
[[nodiscard]] SlotCommands remember_commands(std::string_view epoch,
                                             std::span<const chat::Event> events);

}  // namespace banter::relay
