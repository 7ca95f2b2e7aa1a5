// The server's half of reading RFC 6455: bytes in, messages and control frames out, no I/O. The
// whole RFC but extensions. One decoder per session, on its reactor; while nothing is half received
// it owns no heap memory. It answers nothing: pongs, close frames and the end of the socket are the
// session's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/utf8.hpp"

namespace banter::ws {

enum class EventKind : std::uint8_t { text, binary, ping, pong, close, violation };

struct Event {
  EventKind kind = EventKind::violation;
  std::uint16_t code =
      0;  // close: the peer's code, 0 if it gave none; violation: what to close with
  std::string_view
      payload{};  // the body (text is valid UTF-8); close: the reason; violation: empty
};

class Decoder {
 public:
  // A message (of one frame or many) over message_bytes_max is a violation as soon as a frame
  // header gives it away. At most 2^31 - 1.
  explicit Decoder(std::size_t message_bytes_max);

  // Hands over the next bytes of the stream. They are unmasked where they stand and must stay alive
  // until next() has returned nullopt; only then may more be fed.
  void feed(std::span<char> bytes);

  // The next event; its payload lives until the following call of next() or feed(). A frame that
  // lies whole in the fed bytes is viewed there, never copied. nullopt: everything fed is consumed,
  // and what is incomplete has been copied inside. Violations are reported with the first byte that
  // makes the stream invalid, text included, even in the middle of a frame: 1002 (framing), 1007
  // (not UTF-8), 1009 (message_bytes_max).
  [[nodiscard]] std::optional<Event> next();

  // After a violation or a close event: the stream has ended, further input is ignored.
  [[nodiscard]] bool failed() const { return stage_ == Stage::ended; }

 private:
  enum class Stage : std::uint8_t {
    header,     // of the next frame
    payload,    // of the current frame
    delivered,  // the last event's payload lies in held_ and may go now
    ended,
  };
  enum class Opcode : std::uint8_t {
    more = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
  };
  static constexpr std::size_t header_bytes_max = 14;

  struct Header {
    std::uint16_t failure = 0;  // what to close with; 0: nothing wrong so far
    std::uint8_t bytes = 0;     // its length; 0: incomplete
    std::uint32_t payload_bytes = 0;
    std::uint32_t mask = 0;
  };

  [[nodiscard]] Header read_header(const std::uint8_t* bytes, std::size_t available) const;
  [[nodiscard]] bool first_byte_fits(std::uint8_t byte) const;
  [[nodiscard]] std::uint16_t length_failure(std::uint64_t payload_bytes, bool of_control) const;
  [[nodiscard]] std::uint16_t take_header();
  [[nodiscard]] std::optional<Event> take_payload();
  [[nodiscard]] std::optional<Event> finish_frame(std::string_view in_place);
  [[nodiscard]] std::optional<Event> finish_control(std::string_view in_place);
  [[nodiscard]] Event finish_close(std::string_view body);
  [[nodiscard]] Event violate(std::uint16_t code);
  void hold(std::string_view bytes);
  void release_delivered();

  [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>(header_[0] & 0x0F); }
  [[nodiscard]] bool final() const { return (header_[0] & 0x80) != 0; }
  [[nodiscard]] bool control() const { return (header_[0] & 0x08) != 0; }

  char* at_ = nullptr;  // what is left of the fed bytes
  char* end_ = nullptr;
  std::unique_ptr<char[]> held_;     // the message so far, then the body so far of a control frame
  std::uint32_t held_size_ = 0;      // bytes
  std::uint32_t held_capacity_ = 0;  // bytes
  std::uint32_t message_bytes_max_;
  std::uint32_t frame_left_ = 0;  // payload bytes of the current frame still to come
  std::uint32_t mask_ = 0;        // turned so that its first byte is for the next payload byte
  std::array<std::uint8_t, header_bytes_max>
      header_{};  // of the current frame, as far as it is known
  std::uint8_t header_size_ = 0;
  std::uint8_t control_held_ = 0;  // bytes at the end of held_ that are a control frame's
  Opcode message_ = Opcode::more;  // text or binary inside a fragmented message, else more
  base::Utf8Validator utf8_;
  Stage stage_ = Stage::header;
};

}  // namespace banter::ws
