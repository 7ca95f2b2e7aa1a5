// frame   = header payload
// header  = FIN RSV1 RSV2 RSV3 opcode(4) | MASK length(7) | [length(16) or length(64)] | key(32)
// message = text/binary frame, then "more" frames up to the first with FIN; control frames may
// stand
//           between them. RFC 6455, sections 5 to 8.
#include "ws/codec.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.hpp"

namespace banter::ws {
namespace {

static_assert(std::endian::native == std::endian::little,
              "masks are turned as little-endian words");

constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t not_utf8 = 1007;
constexpr std::uint16_t message_too_big = 1009;

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0F;
constexpr std::uint8_t control_bit = 0x08;  // of the opcode
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7F;
constexpr std::uint8_t length_16 = 126;  // 127: the length stands in 64 bits
constexpr std::size_t key_bytes = 4;
constexpr std::size_t control_bytes_max = 125;
constexpr std::size_t held_bytes_min = 64;  // of the first allocation for something incomplete

// What a peer may put in a close frame: RFC 6455 section 7.4 and the IANA registry it opens.
constexpr bool may_be_sent(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

std::uint64_t big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

// Unmasks in place; true if everything is ASCII, which spares the look at UTF-8.
bool unmask(char* at, std::size_t count, std::uint32_t mask) {
  const std::uint64_t wide = std::uint64_t{mask} << 32 | mask;
  std::uint64_t seen = 0;
  for (; count >= sizeof wide; at += sizeof wide, count -= sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    word ^= wide;
    std::memcpy(at, &word, sizeof word);
    seen |= word;
  }
  if (count >= sizeof mask) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof word);
    word ^= mask;
    std::memcpy(at, &word, sizeof word);
    seen |= word;
    at += sizeof word;
    count -= sizeof word;
  }
  for (; count > 0; ++at, --count, mask >>= 8) {
    *at = static_cast<char>(static_cast<std::uint8_t>(*at) ^ static_cast<std::uint8_t>(mask));
    seen |= static_cast<std::uint8_t>(*at);
  }
  return (seen & 0x8080808080808080u) == 0;
}

}  // namespace

Decoder::Decoder(std::size_t message_bytes_max)
    : message_bytes_max_(static_cast<std::uint32_t>(message_bytes_max)) {
  ASSERT(message_bytes_max < std::size_t{1} << 31, "sizes of messages are kept in 32 bits");
}

void Decoder::feed(std::span<char> bytes) {
  if (failed()) return;
  ASSERT(at_ == end_, "bytes are fed when the last ones have been read to their end");
  at_ = bytes.data();
  end_ = at_ + bytes.size();
}

std::optional<Event> Decoder::next() {
  if (stage_ == Stage::ended) {
    held_.reset();
    return std::nullopt;
  }
  if (stage_ == Stage::delivered) release_delivered();
  while (true) {
    if (stage_ == Stage::header) {
      if (const auto failure = take_header(); failure != 0) return violate(failure);
      if (stage_ == Stage::header) return std::nullopt;
    }
    if (auto event = take_payload()) return event;
    if (stage_ == Stage::payload) return std::nullopt;
  }
}

Event Decoder::violate(std::uint16_t code) {
  stage_ = Stage::ended;
  at_ = end_;
  held_.reset();
  return {.kind = EventKind::violation, .code = code};
}

bool Decoder::first_byte_fits(std::uint8_t byte) const {
  if ((byte & reserved_bits) != 0) return false;
  const bool within_message = message_ != Opcode::more;
  switch (static_cast<Opcode>(byte & opcode_bits)) {
    case Opcode::more:
      return within_message;
    case Opcode::text:
    case Opcode::binary:
      return !within_message;
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return (byte & final_bit) != 0;
  }
  return false;
}

std::uint16_t Decoder::length_failure(std::uint64_t payload_bytes, bool of_control) const {
  if (of_control) return 0;  // bounded by its seven bits
  return payload_bytes + held_size_ > message_bytes_max_ ? message_too_big : std::uint16_t{0};
}

// Judges every byte as soon as it is there, so that the answer does not depend on how the header
// was cut.
Decoder::Header Decoder::read_header(const std::uint8_t* bytes, std::size_t available) const {
  constexpr Header incomplete{};
  constexpr Header malformed{.failure = protocol_error};
  if (available < 1) return incomplete;
  if (!first_byte_fits(bytes[0])) return malformed;
  if (available < 2) return incomplete;
  if ((bytes[1] & mask_bit) == 0) return malformed;

  const bool of_control = (bytes[0] & control_bit) != 0;
  const std::uint8_t length = bytes[1] & length_bits;
  if (of_control && length > control_bytes_max) return malformed;
  std::size_t size = 2;
  std::uint64_t payload_bytes = length;
  if (length >= length_16) {
    const std::size_t extra = length == length_16 ? 2 : 8;
    if (available < size + extra) return incomplete;
    payload_bytes = big_endian(bytes + size, extra);
    size += extra;
    const std::uint64_t fits_shorter = length == length_16 ? length_16 : std::uint64_t{1} << 16;
    if (payload_bytes < fits_shorter || payload_bytes >> 63 != 0) return malformed;
  }
  if (const auto failure = length_failure(payload_bytes, of_control); failure != 0)
    return {.failure = failure};
  if (available < size + key_bytes) return incomplete;
  std::uint32_t mask = 0;
  std::memcpy(&mask, bytes + size, sizeof mask);
  return {.bytes = static_cast<std::uint8_t>(size + key_bytes),
          .payload_bytes = static_cast<std::uint32_t>(payload_bytes),
          .mask = mask};
}

std::uint16_t Decoder::take_header() {
  const auto available = static_cast<std::size_t>(end_ - at_);
  Header header;
  if (header_size_ == 0) {
    header = read_header(reinterpret_cast<const std::uint8_t*>(at_), available);
    if (header.bytes == 0) {  // at most 13 bytes, or more bytes would have completed it
      header_size_ = static_cast<std::uint8_t>(std::min(available, header_bytes_max));
      std::copy_n(at_, header_size_, header_.begin());
      at_ = end_;
      return header.failure;
    }
    header_[0] = static_cast<std::uint8_t>(*at_);
    at_ += header.bytes;
  } else {
    const std::size_t more = std::min(available, header_bytes_max - header_size_);
    std::copy_n(at_, more, header_.begin() + header_size_);
    header = read_header(header_.data(), header_size_ + more);
    if (header.bytes == 0) {
      header_size_ = static_cast<std::uint8_t>(header_size_ + more);
      at_ = end_;
      return header.failure;
    }
    at_ += header.bytes - header_size_;
    header_size_ = 0;
  }
  frame_left_ = header.payload_bytes;
  mask_ = header.mask;
  if (!control() && opcode() != Opcode::more) message_ = opcode();
  stage_ = Stage::payload;
  return 0;
}

std::optional<Event> Decoder::take_payload() {
  const std::size_t count =
      std::min(std::size_t{frame_left_}, static_cast<std::size_t>(end_ - at_));
  const std::string_view piece{at_, count};
  const bool ascii = unmask(at_, count, mask_);
  at_ += count;
  frame_left_ -= static_cast<std::uint32_t>(count);
  if (message_ == Opcode::text && !control() && !(ascii && utf8_.complete()) && !utf8_.feed(piece))
    return violate(not_utf8);
  if (frame_left_ == 0) return finish_frame(piece);
  mask_ = std::rotr(mask_, 8 * static_cast<int>(count % key_bytes));
  hold(piece);
  if (control()) control_held_ = static_cast<std::uint8_t>(control_held_ + count);
  return std::nullopt;
}

std::optional<Event> Decoder::finish_frame(std::string_view in_place) {
  stage_ = Stage::header;
  if (control()) return finish_control(in_place);
  if (!final()) {
    hold(in_place);
    return std::nullopt;
  }
  if (!utf8_.complete()) return violate(not_utf8);
  Event event{.kind = message_ == Opcode::text ? EventKind::text : EventKind::binary,
              .payload = in_place};
  message_ = Opcode::more;
  if (held_size_ > 0) {
    hold(in_place);
    event.payload = {held_.get(), held_size_};
    stage_ = Stage::delivered;
  }
  return event;
}

std::optional<Event> Decoder::finish_control(std::string_view in_place) {
  std::string_view body = in_place;
  if (control_held_ > 0) {
    hold(in_place);
    control_held_ = static_cast<std::uint8_t>(control_held_ + in_place.size());
    body = {held_.get() + held_size_ - control_held_, control_held_};
    stage_ = Stage::delivered;
  }
  if (opcode() == Opcode::close) return finish_close(body);
  return Event{.kind = opcode() == Opcode::ping ? EventKind::ping : EventKind::pong,
               .payload = body};
}

Event Decoder::finish_close(std::string_view body) {
  Event event{.kind = EventKind::close};
  if (!body.empty()) {
    if (body.size() < 2) return violate(protocol_error);
    const auto code = big_endian(reinterpret_cast<const std::uint8_t*>(body.data()), 2);
    event.code = static_cast<std::uint16_t>(code);
    event.payload = body.substr(2);
    if (!may_be_sent(event.code)) return violate(protocol_error);
    if (!base::is_utf8(event.payload)) return violate(not_utf8);
  }
  stage_ = Stage::ended;
  at_ = end_;
  return event;
}

// Grows with what has arrived, not with what a header promises: a lying peer gets no memory for it.
void Decoder::hold(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t needed = held_size_ + bytes.size();
  if (needed > held_capacity_) {
    const std::size_t capacity =
        std::max({needed, std::size_t{held_capacity_} * 2, held_bytes_min});
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy_n(held_.get(), held_size_, larger.get());
    held_ = std::move(larger);
    held_capacity_ = static_cast<std::uint32_t>(capacity);
  }
  std::copy_n(bytes.data(), bytes.size(), held_.get() + held_size_);
  held_size_ = static_cast<std::uint32_t>(needed);
}

void Decoder::release_delivered() {
  stage_ = Stage::header;
  held_size_ = control_held_ > 0 ? held_size_ - control_held_ : 0;
  control_held_ = 0;
  if (held_size_ > 0) return;
  held_.reset();
  held_capacity_ = 0;
}

}  // namespace banter::ws
