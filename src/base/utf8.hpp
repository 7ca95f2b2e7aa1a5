// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. A
// validator that takes text in pieces cut anywhere; one byte of state, owned by whoever reads the
// stream.
#pragma once

#include <cstdint>
#include <string_view>

namespace banter::base {

class Utf8Validator {
 public:
  // Takes the next piece. False once no continuation can make the text valid: a bad byte is
  // reported in the call that brings it, never later. After that it stays false.
  [[nodiscard]] bool feed(std::string_view piece);

  // Whether the text may end here: valid so far, and not inside a code point.
  [[nodiscard]] bool complete() const;

 private:
  std::uint8_t state_ = 6;  // between two code points; the states are in utf8.cpp
};

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace banter::base
