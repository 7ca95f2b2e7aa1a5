#include "chat/event_record.hpp"

namespace banter::chat {

namespace {

constexpr std::size_t event_overhead = 32;  // of the numbers, about

}  // namespace

void put_number(std::string& record, std::int64_t number) {
  auto rest = static_cast<std::uint64_t>(number);
  while (rest >= 0x80) {
    record += static_cast<char>(rest | 0x80);
    rest >>= 7;
  }
  record += static_cast<char>(rest);
}

void put_bytes(std::string& record, std::string_view bytes) {
  put_number(record, static_cast<std::int64_t>(bytes.size()));
  record += bytes;
}

void put_event(std::string& record, const Event& event) {
  put_number(record, event.conversation.value);
  put_number(record, event.seq.value);
  put_number(record, event.author.value);
  put_number(record, event.at.value);
  record += static_cast<char>(event.kind);
  put_bytes(record, event.client_id);
  put_bytes(record, event.payload);
}

std::size_t event_bytes(const Event& event) {
  return event_overhead + event.client_id.size() + event.payload.size();
}

std::uint8_t RecordReader::byte() {
  if (failed_ || rest_.empty()) {
    failed_ = true;
    return 0;
  }
  const auto first = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return first;
}

std::int64_t RecordReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t part = byte();
    value |= (part & 0x7f) << shift;
    if (part < 0x80) return static_cast<std::int64_t>(value);
  }
  failed_ = true;
  return 0;
}

std::string_view RecordReader::bytes() {
  const auto size = static_cast<std::uint64_t>(number());
  return bytes(size);
}

std::string_view RecordReader::bytes(std::size_t size) {
  if (size > rest_.size()) failed_ = true;
  if (failed_) return {};
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

Event RecordReader::event() {
  Event event;
  event.conversation = ConversationId{number()};
  event.seq = Seq{number()};
  event.author = UserId{number()};
  event.at = Micros{number()};
  event.kind = static_cast<EventKind>(byte());
  event.client_id = bytes();
  event.payload = bytes();
  return event;
}

}  // namespace banter::chat
