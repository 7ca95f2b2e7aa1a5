// Histogram: durations in buckets of 3 %, from a microsecond to a day, in 5 KB. Owned by whoever
// measures.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "verify/history/message.hpp"

namespace banter::verify {

struct LatencyFigures {
  std::uint64_t count = 0;
  Instant p50{0};
  Instant p99{0};
  Instant max{0};
};

class Histogram {
 public:
  void add(Instant duration) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
    ++buckets_[std::min(bucket_of(value), buckets_.size() - 1)];
    ++count_;
    max_ = std::max(max_, duration);
  }

  // The upper end of the bucket in which `hundredths` of all durations have been counted.
  [[nodiscard]] Instant percentile(std::uint64_t hundredths) const {
    const std::uint64_t wanted = (count_ * hundredths + 99) / 100;
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      passed += buckets_[i];
      if (passed >= wanted && passed > 0) return std::min(upper_end(i), max_);
    }
    return max_;
  }

  [[nodiscard]] LatencyFigures figures() const {
    return {.count = count_, .p50 = percentile(50), .p99 = percentile(99), .max = max_};
  }

 private:
  static constexpr std::size_t steps_bits = 5;  // 32 buckets for each doubling
  static constexpr std::size_t steps = std::size_t{1} << steps_bits;
  static constexpr std::size_t doublings = 32;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < steps) return value;
    const auto doubling = static_cast<std::size_t>(std::bit_width(value)) - steps_bits;
    return doubling * steps + static_cast<std::size_t>((value >> (doubling - 1)) - steps);
  }
  static Instant upper_end(std::size_t bucket) {
    const std::size_t doubling = bucket / steps;
    const std::uint64_t step = bucket % steps;
    if (doubling == 0) return Instant{static_cast<std::int64_t>(step)};
    return Instant{static_cast<std::int64_t>(((step + steps + 1) << (doubling - 1)) - 1)};
  }

  std::array<std::uint32_t, steps * doublings> buckets_{};
  std::uint64_t count_ = 0;
  Instant max_{0};
};

}  // namespace banter::verify
