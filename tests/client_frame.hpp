// A frame as clients send it: whole, and masked with zeros, which are a mask like any other.
#pragma once

#include <string>

namespace banter {

// payload: at most 65,535 bytes.
[[nodiscard]] inline std::string client_frame(const std::string& payload, int opcode = 1) {
  std::string frame{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  }
  return frame + std::string(4, '\0') + payload;
}

}  // namespace banter
