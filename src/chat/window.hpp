// Reading from a window: the newest events of a log, held in memory. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "chat/event.hpp"
#include "chat/ports.hpp"

namespace banter::chat {

// Places in a window: begin <= place < end.
struct WindowPart {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Where the range lies in `window` (contiguous, oldest first, ending at `head`, random access);
// nullopt if the range reaches further back than the window.
template <class Events>
[[nodiscard]] std::optional<WindowPart> find_in_window(const Events& window, Seq first, Seq head,
                                                       const Range& range) {
  const auto count = static_cast<std::int64_t>(range.count);
  std::int64_t low = std::max(range.after.value + 1, first.value);
  std::int64_t high = std::min(range.before.value - 1, head.value);
  if (range.newest) {
    low = std::max(low, high - count + 1);
  } else {
    high = std::min(high, low + count - 1);
  }
  if (low > high) return WindowPart{};
  const std::int64_t start = head.value - static_cast<std::int64_t>(window.size()) + 1;
  if (low < start) return std::nullopt;

  // The byte bound is kept from the end that was asked for: at least one event.
  const auto at = [&](std::int64_t seq) -> const Event& {
    return window[static_cast<std::size_t>(seq - start)];
  };
  if (range.newest) {
    std::int64_t from = high;
    std::size_t bytes = at(high).payload.size();
    while (from > low && bytes + at(from - 1).payload.size() <= range.bytes_max) {
      bytes += at(--from).payload.size();
    }
    low = from;
  } else {
    std::int64_t to = low;
    std::size_t bytes = at(low).payload.size();
    while (to < high && bytes + at(to + 1).payload.size() <= range.bytes_max) {
      bytes += at(++to).payload.size();
    }
    high = to;
  }
  return WindowPart{.begin = static_cast<std::size_t>(low - start),
                    .end = static_cast<std::size_t>(high - start) + 1};
}

// Copies of the range; nullopt as above.
template <class Events>
[[nodiscard]] std::optional<Stretch> read_window(const Events& window, Seq first, Seq head,
                                                 const Range& range) {
  const auto part = find_in_window(window, first, head, range);
  if (!part) return std::nullopt;
  const auto at = [&](std::size_t place) {
    return window.begin() + static_cast<std::ptrdiff_t>(place);
  };
  return Stretch{.events = {at(part->begin), at(part->end)}, .first = first, .head = head};
}

}  // namespace banter::chat
