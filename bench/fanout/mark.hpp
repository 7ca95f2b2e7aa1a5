#pragma once
// The mark that every message text starts with: "@WL" run(4) sender(6) seq(8) time(16), all in
// hexadecimal. The run number keeps messages stored by an earlier run from being counted.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "clock.hpp"

namespace wsload {

struct Mark {
  static constexpr std::size_t length = 3 + 4 + 6 + 8 + 16;
  unsigned run = 0;
  std::uint32_t sender = 0, seq = 0;
  Nanos time = 0;
};

// Writes Mark::length characters.
void write_mark(char* out, const Mark& mark);

// The first mark inside a frame.
[[nodiscard]] std::optional<Mark> find_mark(std::string_view text);

// A client_id is the run, the sender and the seq of its message, in the same digits.
inline constexpr std::size_t client_id_length = 4 + 6 + 8;
void write_client_id(char* out, const Mark& mark);
[[nodiscard]] std::optional<Mark> find_client_id(std::string_view frame);

}  // namespace wsload
