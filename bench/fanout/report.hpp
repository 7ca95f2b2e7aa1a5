#pragma once
// The result of a run as one line of JSON. README.md of bench/ says what each field means.

#include <cstdint>
#include <string>

#include "load.hpp"
#include "process_sample.hpp"

namespace wsload {

struct Measurement {
  double seconds = 0;          // of the measured window
  double connect_seconds = 0;  // from the first connect to the last one ready
  double own_cpu_seconds = 0;
  std::uint64_t connected = 0, missing = 0;
  std::uint64_t bytes_in = 0, recv_calls = 0;
  ProcessSample before, connect_end, start, end;
};

[[nodiscard]] std::string report(const Options& options, const Load& load,
                                 const Measurement& measured);

}  // namespace wsload
