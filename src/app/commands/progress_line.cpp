#include "app/commands/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace banter::app {

using namespace std::chrono_literals;

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(std::string_view text, bool last) {
  const auto now = steady_now();
  if (!last && now < next_) return;
  next_ = now + (terminal_ ? 200ms : 5'000ms);
  // ESC [K: what a longer line before it left behind.
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", text,
             terminal_ ? (last ? "\x1b[K\n" : "\x1b[K") : "\n");
  open_ = terminal_ && !last;
}

void ProgressLine::end() {
  if (open_) fmt::print(stderr, "\n");
  open_ = false;
}

}  // namespace banter::app
