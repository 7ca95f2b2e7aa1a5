// The events of one commit as bytes, for a row of the table `tail`. Values only.
//
//   record = version { event }        version: byte 1        event: chat/event_record
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.hpp"

namespace banter::store {

[[nodiscard]] std::string encode_commit(std::span<const chat::Event> events);
// nullopt: not such a record, or cut off.
[[nodiscard]] std::optional<std::vector<chat::Event>> decode_commit(std::string_view record);

}  // namespace banter::store
