// Foreign character sets that request bodies may be in, as UTF-8. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banter::wire {

// ISO-8859-1: every byte is a code point.
[[nodiscard]] std::string latin1_to_utf8(std::string_view bytes);

enum class ByteOrder { little, big };
// nullopt: an odd number of bytes, or an unpaired surrogate.
[[nodiscard]] std::optional<std::string> utf16_to_utf8(std::string_view bytes, ByteOrder order);

void append_utf8(std::string& out, char32_t code_point);

}  // namespace banter::wire
