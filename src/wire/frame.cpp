#include "wire/frame.hpp"

#include <array>

#include "base/assert.hpp"

namespace banter::wire {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::size_t short_length_max = 125;  // also the longest payload of a control frame
constexpr std::size_t length_16_max = 0xFFFF;
constexpr char length_16 = 126;
constexpr char length_64 = 127;
constexpr std::size_t code_bytes = 2;
constexpr std::size_t header_bytes_max = 10;

char* put_big_endian(char* out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    *out++ = static_cast<char>(value >> shift);
  return out;
}

bool continues_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::size_t frame_header_size(std::size_t payload_bytes) {
  if (payload_bytes <= short_length_max) return 2;
  return payload_bytes <= length_16_max ? 4 : header_bytes_max;
}

char* put_frame_header(char* out, FrameKind kind, std::size_t payload_bytes) {
  *out++ = static_cast<char>(final_bit | static_cast<std::uint8_t>(kind));
  if (payload_bytes <= short_length_max) {
    *out++ = static_cast<char>(payload_bytes);
    return out;
  }
  if (payload_bytes <= length_16_max) {
    *out++ = length_16;
    return put_big_endian(out, payload_bytes, 2);
  }
  *out++ = length_64;
  return put_big_endian(out, payload_bytes, 8);
}

void append_frame(std::string& out, FrameKind kind, std::string_view payload) {
  ASSERT(kind < FrameKind::close || payload.size() <= short_length_max,
         "the caller bounds what it puts in control frames");
  std::array<char, header_bytes_max> header;
  char* const end = put_frame_header(header.data(), kind, payload.size());
  out.append(header.data(), end).append(payload);
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code != 0) {
    std::size_t size = reason.size();
    if (size > short_length_max - code_bytes) {
      size = short_length_max - code_bytes;
      while (size > 0 && continues_code_point(reason[size])) --size;
    }
    payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
    payload.append(reason.substr(0, size));
  }
  std::string out;
  append_frame(out, FrameKind::close, payload);
  return out;
}

}  // namespace banter::wire
