// What the tests and the fuzz target of ws/codec share: writing a client's frames, right or wrong,
// and reading a stream in pieces into a list of events that can be compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "ws/codec.hpp"

namespace banter::ws {

enum class Length : std::uint8_t { minimal, in_16_bits, in_64_bits };

struct FrameForm {
  bool final = true;
  unsigned reserved = 0;  // RSV1 is 4, RSV3 is 1
  bool masked = true;
  std::uint32_t key = 0x37FA213D;  // most significant byte first; the key of the RFC's examples
  Length length = Length::minimal;
  std::uint64_t claimed = UINT64_MAX;  // payload length in the header, if not the true one
};

inline std::string frame(unsigned opcode, std::string_view payload, FrameForm form = {}) {
  const std::uint64_t size = form.claimed == UINT64_MAX ? payload.size() : form.claimed;
  std::string out;
  const auto put = [&out](std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  };
  const unsigned mask_bit = form.masked ? 0x80 : 0;
  put((form.final ? 0x80u : 0u) | form.reserved << 4 | opcode, 1);
  if (form.length == Length::in_64_bits || (form.length == Length::minimal && size > 0xFFFF)) {
    put(mask_bit | 127, 1);
    put(size, 8);
  } else if (form.length == Length::in_16_bits || size > 125) {
    put(mask_bit | 126, 1);
    put(size, 2);
  } else {
    put(mask_bit | size, 1);
  }
  if (!form.masked) return out.append(payload);
  put(form.key, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const auto key = static_cast<unsigned char>(form.key >> (24 - 8 * (i % 4)));
    out += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ key);
  }
  return out;
}

inline std::string text(std::string_view payload) { return frame(1, payload); }
inline std::string binary(std::string_view payload) { return frame(2, payload); }
inline std::string ping(std::string_view payload) { return frame(9, payload); }
inline std::string pong(std::string_view payload) { return frame(10, payload); }
// The first, a middle and the last frame of a fragmented message.
inline std::string text_begins(std::string_view piece) { return frame(1, piece, {.final = false}); }
inline std::string binary_begins(std::string_view piece) {
  return frame(2, piece, {.final = false});
}
inline std::string goes_on(std::string_view piece) { return frame(0, piece, {.final = false}); }
inline std::string ends(std::string_view piece) { return frame(0, piece); }

inline std::string close_body(unsigned code, std::string_view reason = "") {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)}.append(reason);
}
inline std::string close(unsigned code, std::string_view reason = "") {
  return frame(8, close_body(code, reason));
}

inline std::string describe(const Event& event) {
  static constexpr std::string_view names[] = {"text", "binary", "ping",
                                               "pong", "close",  "violation"};
  std::string out{names[static_cast<std::size_t>(event.kind)]};
  if (event.kind == EventKind::close || event.kind == EventKind::violation)
    out += ' ' + std::to_string(event.code);
  return event.payload.empty() ? out : (out += ' ').append(event.payload);
}

// Everything the stream says, fed in pieces that end at the given offsets (ascending) and at its
// end. Each piece has memory of its own, given back at once: a view into a piece gone by is found
// by ASan.
inline std::vector<std::string> events_of(std::string_view stream,
                                          const std::vector<std::size_t>& cuts,
                                          std::size_t message_bytes_max) {
  std::vector<std::string> events;
  Decoder decoder{message_bytes_max};
  std::size_t from = 0;
  const auto feed_to = [&](std::size_t to) {
    std::vector<char> piece{stream.begin() + static_cast<std::ptrdiff_t>(from),
                            stream.begin() + static_cast<std::ptrdiff_t>(to)};
    decoder.feed(piece);
    while (const auto event = decoder.next()) events.push_back(describe(*event));
    from = to;
  };
  for (const std::size_t cut : cuts) feed_to(cut);
  feed_to(stream.size());
  return events;
}

struct Case {
  std::string name;  // a claim, in CamelCase
  std::string stream;
  std::vector<std::string> events;
  std::size_t message_bytes_max = std::size_t{64} * 1024;
};

inline void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

}  // namespace banter::ws
