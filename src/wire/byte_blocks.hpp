// Looking at 16 bytes at a time for those that mean something in JSON. Internal to wire; SSE2 where
// it is the baseline (amd64), a loop elsewhere. Bit i of a mask stands for byte i.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace banter::wire {

inline constexpr std::size_t block_bytes = 16;

// What cannot stand for itself in a JSON string: control characters, quote and backslash.
constexpr bool is_special(unsigned byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

// What stands for itself in pure ASCII JSON as CPython writes it: space to ~ but the specials.
constexpr bool is_plain(unsigned byte) { return byte < 0x7F && !is_special(byte); }

#ifdef __SSE2__
namespace block {
inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
inline __m128i equal(__m128i bytes, unsigned char wanted) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(static_cast<char>(wanted)));
}
inline __m128i quotes(__m128i bytes) { return _mm_or_si128(equal(bytes, '"'), equal(bytes, '\\')); }
inline unsigned mask_of(__m128i marks) { return static_cast<unsigned>(_mm_movemask_epi8(marks)); }
}  // namespace block

inline unsigned special_in_block(const char* at) {
  const __m128i bytes = block::load(at);
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  return block::mask_of(_mm_or_si128(control, block::quotes(bytes)));
}

inline unsigned not_plain_in_block(const char* at) {
  const __m128i bytes = block::load(at);
  const __m128i outside = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));  // signed: 80..FF too
  return block::mask_of(
      _mm_or_si128(_mm_or_si128(outside, block::equal(bytes, 0x7F)), block::quotes(bytes)));
}

inline unsigned in_block(const char* at, unsigned char wanted) {
  return block::mask_of(block::equal(block::load(at), wanted));
}
#else
namespace block {
template <class Predicate>
unsigned mask_of(const char* at, Predicate predicate) {
  unsigned mask = 0;
  for (unsigned i = 0; i < block_bytes; ++i)
    mask |= static_cast<unsigned>(predicate(static_cast<unsigned char>(at[i]))) << i;
  return mask;
}
}  // namespace block

inline unsigned special_in_block(const char* at) { return block::mask_of(at, is_special); }
inline unsigned not_plain_in_block(const char* at) {
  return block::mask_of(at, [](unsigned byte) { return !is_plain(byte); });
}
inline unsigned in_block(const char* at, unsigned char wanted) {
  return block::mask_of(at, [wanted](unsigned byte) { return byte == wanted; });
}
#endif

}  // namespace banter::wire
