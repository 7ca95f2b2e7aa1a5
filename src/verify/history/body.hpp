// Body: the text of a message as a history keeps it. A short text stands in it whole; of a long one
// a beginning, its length and a digest that tells two texts apart. A value; whoever made it keeps
// the text alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace banter::verify {

// FNV-1a, 64 bits: three lines in any language, so that others can write histories too.
[[nodiscard]] std::uint64_t digest_of(std::string_view text);

struct Body {
  std::string_view text;     // whole, or how it begins
  std::int64_t bytes = 0;    // of the whole text
  std::uint64_t digest = 0;  // of the whole text

  [[nodiscard]] static Body of(std::string_view whole) {
    return {.text = whole,
            .bytes = static_cast<std::int64_t>(whole.size()),
            .digest = digest_of(whole)};
  }
  [[nodiscard]] bool whole() const { return static_cast<std::int64_t>(text.size()) == bytes; }
  friend bool operator==(const Body& a, const Body& b) {
    return a.bytes == b.bytes && a.digest == b.digest;
  }
};

// What a history keeps of a text: a body that is longer than this is written as its beginning.
inline constexpr std::size_t body_whole_max = 96;      // bytes
inline constexpr std::size_t body_beginning_max = 32;  // bytes

// The body as it is to be written: shortened if it is long, without text if that is no UTF-8.
[[nodiscard]] Body shortened(const Body& body);

}  // namespace banter::verify
