// The same bytes cut anywhere give the same events, and every event keeps the promises of ws/codec.
// Input: one byte for the limit of messages, two for the places to cut (in 255ths of the stream),
// then the stream.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "base/utf8.hpp"
#include "unit/ws/codec_table.hpp"

namespace {

using namespace banter;

constexpr std::size_t control_bytes_max = 125;

void expect_promises_kept(std::string stream, std::size_t message_bytes_max) {
  ws::Decoder decoder{message_bytes_max};
  decoder.feed(stream);
  while (const auto event = decoder.next()) {
    const auto& payload = event->payload;
    switch (event->kind) {
      case ws::EventKind::text:
        ASSERT(base::is_utf8(payload), "text is UTF-8");
        [[fallthrough]];
      case ws::EventKind::binary:
        ASSERT(payload.size() <= message_bytes_max, "messages keep to their limit");
        break;
      case ws::EventKind::ping:
      case ws::EventKind::pong:
        ASSERT(payload.size() <= control_bytes_max, "control frames are short");
        break;
      case ws::EventKind::close:
        ASSERT(base::is_utf8(payload), "reasons are UTF-8");
        ASSERT(event->code == 0 || (event->code >= 1000 && event->code < 5000), "codes are real");
        break;
      case ws::EventKind::violation:
        ASSERT(payload.empty(), "violations say nothing but their code");
        ASSERT(event->code == 1002 || event->code == 1007 || event->code == 1009, "known codes");
        break;
    }
    const bool ends =
        event->kind == ws::EventKind::close || event->kind == ws::EventKind::violation;
    ASSERT(decoder.failed() == ends, "the stream ends with a close or a violation");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t limits[] = {0, 5, 125, 126, 1000, 65536};
  constexpr std::size_t head_bytes = 3;
  if (size < head_bytes) return 0;
  const std::size_t message_bytes_max = limits[data[0] % std::size(limits)];
  const std::string stream{reinterpret_cast<const char*>(data) + head_bytes, size - head_bytes};
  const auto place = [&](std::uint8_t part) { return stream.size() * part / 255; };
  const std::size_t first = place(std::min(data[1], data[2]));
  const std::size_t second = place(std::max(data[1], data[2]));

  expect_promises_kept(stream, message_bytes_max);
  const auto whole = ws::events_of(stream, {}, message_bytes_max);
  ASSERT(ws::events_of(stream, {first, second}, message_bytes_max) == whole, "cuts change nothing");
  std::vector<std::size_t> each(stream.size());
  std::iota(each.begin(), each.end(), std::size_t{0});
  ASSERT(ws::events_of(stream, each, message_bytes_max) == whole, "single bytes change nothing");
  return 0;
}
