#pragma once
// CPU time, context switches and memory of the server's processes, read from /proc.

#include <cstdint>
#include <vector>

namespace wsload {

struct ProcessSample {
  double user_s = 0, system_s = 0;  // /proc/PID/stat, clock ticks
  double run_s = 0;                 // /proc/PID/task/*/schedstat, nanoseconds
  std::uint64_t switches = 0;       // context switches, both kinds
  std::uint64_t rss_kb = 0, peak_kb = 0;
  unsigned processes = 0, threads = 0;
};

// The sum over these processes and all of their children.
[[nodiscard]] ProcessSample sample_processes(const std::vector<int>& roots);

// User and system time of this program.
[[nodiscard]] double own_cpu_seconds();

}  // namespace wsload
