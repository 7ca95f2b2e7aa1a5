#include "verify/history/body.hpp"

#include "base/utf8.hpp"

namespace banter::verify {

std::uint64_t digest_of(std::string_view text) {
  std::uint64_t digest = 0xCBF29CE484222325u;
  for (const char c : text) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  }
  return digest;
}

Body shortened(const Body& body) {
  Body out = body;
  if (body.text.size() > body_whole_max) {
    auto end = body_beginning_max;
    while (end > 0 && (static_cast<unsigned char>(body.text[end]) & 0xC0u) == 0x80u) --end;
    out.text = body.text.substr(0, end);
  }
  if (!base::is_utf8(out.text)) out.text = {};
  return out;
}

}  // namespace banter::verify
