#pragma once
// The generator's clock (monotonic nanoseconds) and the way a tool of bench/ gives up: one line
// and exit status 2.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace wsload {

using Nanos = std::uint64_t;

inline constexpr Nanos second = 1'000'000'000ULL;

[[nodiscard]] inline Nanos now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Nanos>(time.tv_sec) * second + static_cast<Nanos>(time.tv_nsec);
}

[[nodiscard]] inline Nanos seconds(double count) { return static_cast<Nanos>(count * 1e9); }

[[noreturn]] inline void die(const std::string& message) {
  std::fprintf(stderr, "wsload: %s\n", message.c_str());
  std::exit(2);
}

}  // namespace wsload
