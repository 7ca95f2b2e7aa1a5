#pragma once
// A histogram of nanoseconds: log-linear, 128 buckets for every power of two, so below 0.8 % error.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace wsload {

class Histogram {
 public:
  void record(std::uint64_t value) {
    ++buckets_[index(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    max_ = std::max(max_, value);
  }

  [[nodiscard]] std::uint64_t percentile(double part) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted && seen > 0) return std::min(upper(i), max_);
    }
    return max_;
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

 private:
  static constexpr int sub_bits = 7;
  static constexpr std::uint64_t sub = 1U << sub_bits;

  static std::size_t index(std::uint64_t value) {
    if (value < sub) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - sub_bits;
    return static_cast<std::size_t>(shift + 1) * sub + (value >> shift) - sub;
  }
  static std::uint64_t upper(std::size_t i) {
    if (i < sub) return i;
    const auto shift = i / sub - 1;
    return ((i % sub + sub + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - sub_bits + 1) * sub> buckets_{};
  std::uint64_t count_ = 0, max_ = 0;
  double sum_ = 0;
};

}  // namespace wsload
