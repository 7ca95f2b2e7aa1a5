#pragma once
// Whether every send with a client_id got its ack, exactly one, and how long that took.

#include <cstdint>
#include <unordered_map>

#include "histogram.hpp"
#include "mark.hpp"

namespace wsload {

class AckCheck {
 public:
  void sent(const Mark& mark) { awaited_[key(mark)] = mark.time; }

  // Records one ack; `measuring` adds its latency to the histogram and counts it.
  void received(const Mark& mark, Nanos now, bool measuring);

  // Forgets the latencies, not the acks that are still due.
  void reset_window();

  [[nodiscard]] std::uint64_t missing() const { return awaited_.size(); }
  [[nodiscard]] std::uint64_t surplus() const { return surplus_; }
  [[nodiscard]] const Histogram& latency() const { return latency_; }

 private:
  static std::uint64_t key(const Mark& mark) {
    return static_cast<std::uint64_t>(mark.sender) << 32 | mark.seq;
  }

  std::unordered_map<std::uint64_t, Nanos> awaited_;
  Histogram latency_;
  std::uint64_t surplus_ = 0;
};

}  // namespace wsload
