// Writing a server's WebSocket frames: never masked, never fragmented, the shortest header that
// holds the length (RFC 6455 section 5.2). Pure functions; reading is ws/codec's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace banter::wire {

// The numbers are the opcodes on the wire.
enum class FrameKind : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Appends a whole frame. Payloads of control frames are at most 125 bytes (the RFC's bound).
void append_frame(std::string& out, FrameKind kind, std::string_view payload);

// A whole close frame. Code 0 stands for no code: the payload is empty and the reason is dropped,
// as the RFC has no reason without a code. The reason (valid UTF-8) is cut to the 123 bytes that
// fit, between two code points.
[[nodiscard]] std::string close_frame(std::uint16_t code, std::string_view reason);

// For those who write header and payload in one pass: the length of the header, and the header
// itself written to out, which has that much room. Returns the place after it.
[[nodiscard]] std::size_t frame_header_size(std::size_t payload_bytes);
[[nodiscard]] char* put_frame_header(char* out, FrameKind kind, std::size_t payload_bytes);

}  // namespace banter::wire
