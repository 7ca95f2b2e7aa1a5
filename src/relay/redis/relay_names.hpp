// Names of keys and channels in Redis, and the forms of what is published there. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.hpp"
#include "chat/ports.hpp"

namespace banter::relay {

inline constexpr std::size_t node_bytes = 8;

[[nodiscard]] std::string window_key(std::string_view epoch, ConversationId conversation);
[[nodiscard]] std::string event_channel(std::string_view epoch, ConversationId conversation);
[[nodiscard]] std::string notice_channel(std::string_view epoch);
// The conversation of an event channel of this epoch; nullopt: it is none.
[[nodiscard]] std::optional<ConversationId> conversation_of(std::string_view epoch,
                                                            std::string_view channel);

// A member of a window.
[[nodiscard]] std::string encode_member(const chat::Event& event);
[[nodiscard]] std::optional<chat::Event> decode_member(std::string_view bytes);

// What is published. Decoding gives nothing for one's own words, and nullopt for garbage.
[[nodiscard]] std::string encode_events(std::string_view node,
                                        std::span<const chat::Event* const> events);
[[nodiscard]] std::optional<std::vector<chat::Event>> decode_events(std::string_view own_node,
                                                                    std::string_view bytes);
[[nodiscard]] std::string encode_notice(std::string_view node, const chat::Notice& notice);
[[nodiscard]] std::optional<std::vector<chat::Notice>> decode_notice(std::string_view own_node,
                                                                     std::string_view bytes);

}  // namespace banter::relay
