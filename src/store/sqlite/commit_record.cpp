#include "store/sqlite/commit_record.hpp"

#include <cstddef>

#include "chat/event_record.hpp"

namespace banter::store {
namespace {

constexpr char version = 1;

}  // namespace

std::string encode_commit(std::span<const chat::Event> events) {
  std::size_t size = 1;
  for (const auto& event : events) size += chat::event_bytes(event);
  std::string record;
  record.reserve(size);
  record += version;
  for (const auto& event : events) chat::put_event(record, event);
  return record;
}

std::optional<std::vector<chat::Event>> decode_commit(std::string_view record) {
  chat::RecordReader reader(record);
  if (reader.byte() != version) return std::nullopt;
  std::vector<chat::Event> events;
  while (!reader.at_end()) events.push_back(reader.event());
  if (reader.failed()) return std::nullopt;
  return events;
}

}  // namespace banter::store
