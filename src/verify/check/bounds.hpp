// The numbers that the checker measures against, with their reasons. A value.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "verify/history/message.hpp"

namespace banter::verify {

using namespace std::chrono_literals;

struct Bounds {
  // Safety.
  Instant leave_within = 2s;       // the last byte after a removal or deactivation has ended
  Instant ack_in_flight_max = 2s;  // of a send that began before the store went out

  // Time and resources: these fail only where strictness is asked for.
  Instant complete_within = 2s;         // after a fault's end, everything at everybody
  Instant sends_within = 5s;            // after a fault's end, or when there was none
  Instant failover_within = 30s;        // the same after a failover
  Instant return_within = 10s;          // clients, after a fault's end
  std::int64_t p99_factor = 2;          // beside a slow or flooding client, of the healthy p99 ...
  Instant p99_margin = 10ms;            // ... and so much more
  std::uint64_t p99_samples_min = 100;  // fewer say nothing about a hundredth
  double rss_factor = 1.25;             // at the end, of the baseline: allocators keep some ...
  std::int64_t rss_margin = std::int64_t{32} * 1024 * 1024;  // ... and so many bytes more
  std::int64_t fds_margin = 16;

  std::size_t examples_max = 5;  // findings told of each invariant
};

}  // namespace banter::verify
