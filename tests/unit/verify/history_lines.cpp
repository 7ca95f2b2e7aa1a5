#include "unit/verify/history_lines.hpp"

#include <map>

namespace banter::verify {

std::string word(const json::object& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}
bool is(const json::object& record, std::string_view type) { return word(record, "type") == type; }

std::int64_t number(const json::object& from, std::string_view name) {
  return from.at(name).as_int64();
}

json::array* messages_of(json::object& record) {
  auto* found = record.if_contains("messages");
  return found == nullptr ? nullptr : &found->as_array();
}

std::map<std::int64_t, std::int64_t> conversations(const Lines& lines) {
  std::map<std::int64_t, std::int64_t> out;
  for (const auto& record : lines) {
    if (is(record, "connect")) out[number(record, "socket")] = number(record, "conversation");
  }
  return out;
}

namespace {

std::string last_epoch(const Lines& lines) {
  std::string out;
  for (const auto& record : lines) {
    if (is(record, "final")) out = word(record, "epoch");
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> neighbours(const Lines& lines) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  std::map<std::int64_t, std::size_t> before;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is(lines[i], "message")) continue;
    const auto socket = number(lines[i], "socket");
    if (before.contains(socket)) out.emplace_back(before[socket], i);
    before[socket] = i;
  }
  return out;
}

std::vector<std::size_t> lasting_acks(const Lines& lines) {
  std::vector<std::size_t> out;
  const auto epoch = last_epoch(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is(lines[i], "ack") && word(lines[i], "epoch") == epoch) out.push_back(i);
  }
  return out;
}

std::vector<Place> messages(Lines& lines, std::string_view type) {
  std::vector<Place> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is(lines[i], type)) continue;
    const auto* list = messages_of(lines[i]);
    for (std::size_t m = 0; list != nullptr && m < list->size(); ++m) out.push_back({i, m});
    if (type == "message") out.push_back({i, 0});
  }
  return out;
}

json::object& message_at(Lines& lines, Place place) {
  auto* list = messages_of(lines[place.line]);
  return list == nullptr ? lines[place.line] : (*list)[place.message].as_object();
}

void keep_below(json::object& record, std::int64_t seq) {
  auto* list = messages_of(record);
  if (list == nullptr) return;
  json::array kept;
  for (const auto& message : *list) {
    if (number(message.as_object(), "seq") < seq) kept.push_back(message);
  }
  *list = std::move(kept);
}

}  // namespace banter::verify
