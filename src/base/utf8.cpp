#include "base/utf8.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace banter::base {
namespace {

// A deterministic automaton whose states are shift counts: row[byte] holds, at the bits of a state,
// the state that follows it. A step is one load and one shift, whatever the text.
enum State : unsigned {
  reject = 0,  // the lowest bits of every row are 0, so it is never left
  accept = 6,
  one_more = 12,  // continuation bytes to come
  two_more = 18,
  three_more = 24,
  after_e0 = 30,  // next A0..BF: no overlong forms
  after_ed = 36,  // next 80..9F: no surrogates
  after_f0 = 42,  // next 90..BF: no overlong forms
  after_f4 = 48,  // next 80..8F: nothing above U+10FFFF
};
constexpr std::uint64_t shift_mask = 63;

constexpr State after_lead(unsigned byte) {
  if (byte < 0x80) return accept;
  if (byte < 0xC2) return reject;
  if (byte < 0xE0) return one_more;
  if (byte == 0xE0) return after_e0;
  if (byte == 0xED) return after_ed;
  if (byte < 0xF0) return two_more;
  if (byte == 0xF0) return after_f0;
  if (byte < 0xF4) return three_more;
  return byte == 0xF4 ? after_f4 : reject;
}

constexpr std::uint64_t row(unsigned byte) {
  const auto entry = [](State from, bool possible, State to) {
    return possible ? std::uint64_t{to} << from : std::uint64_t{0};
  };
  const auto between = [byte](unsigned low, unsigned high) { return byte >= low && byte <= high; };
  return entry(accept, true, after_lead(byte)) | entry(one_more, between(0x80, 0xBF), accept) |
         entry(two_more, between(0x80, 0xBF), one_more) |
         entry(three_more, between(0x80, 0xBF), two_more) |
         entry(after_e0, between(0xA0, 0xBF), one_more) |
         entry(after_ed, between(0x80, 0x9F), one_more) |
         entry(after_f0, between(0x90, 0xBF), two_more) |
         entry(after_f4, between(0x80, 0x8F), two_more);
}

constexpr std::array<std::uint64_t, 256> rows = [] {
  std::array<std::uint64_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) table[byte] = row(byte);
  return table;
}();

// Not masked here, so that a step waits for nothing but the shift before it.
std::uint64_t step(std::uint64_t state, char byte) {
  return rows[static_cast<unsigned char>(byte)] >> (state & shift_mask);
}

bool all_ascii(const char* block) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, block, sizeof low);
  std::memcpy(&high, block + sizeof low, sizeof high);
  return ((low | high) & 0x8080808080808080u) == 0;
}

}  // namespace

bool Utf8Validator::feed(std::string_view piece) {
  constexpr std::size_t block_bytes = 16;
  std::uint64_t state = state_;
  const char* at = piece.data();
  std::size_t left = piece.size();
  for (; left >= block_bytes; at += block_bytes, left -= block_bytes) {
    if ((state & shift_mask) == accept && all_ascii(at)) continue;
    for (std::size_t i = 0; i < block_bytes; ++i) state = step(state, at[i]);
  }
  for (; left > 0; ++at, --left) state = step(state, *at);
  state_ = static_cast<std::uint8_t>(state & shift_mask);
  return state_ != reject;
}

bool Utf8Validator::complete() const { return state_ == accept; }

bool is_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

}  // namespace banter::base
