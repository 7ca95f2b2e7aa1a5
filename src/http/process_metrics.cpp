#include "http/process_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace banter::http {
namespace {

struct ProcessState {
  double virtual_bytes = 0;
  double resident_bytes = 0;
  double started_at = 0;  // Unix seconds
};

// proc(5): of /proc/self/stat the fields 22 (start, clock ticks since boot), 23 and 24; the second
// is a name in parentheses that may hold anything.
ProcessState read_state() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
  fields >> start_ticks >> virtual_bytes >> resident_pages;

  double booted_at = 0;
  std::ifstream system("/proc/stat");
  for (std::string name; system >> name;) {
    if (name == "btime") {
      system >> booted_at;
      break;
    }
    std::getline(system, skipped);
  }
  return {.virtual_bytes = virtual_bytes,
          .resident_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)),
          .started_at = booted_at + start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  if (!folder) return 0;
  double count = 0;
  while (readdir(folder.get()) != nullptr) ++count;
  return count - 3;  // ".", ".." and the folder's own
}

}  // namespace

void add_process_metrics(base::Metrics& registry) {
  auto& virtual_memory =
      registry.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
  auto& resident_memory =
      registry.gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
  auto& open_fds = registry.gauge("process_open_fds", "Number of open file descriptors.");
  auto& cpu = registry.counter("process_cpu_seconds_total",
                               "Total user and system CPU time spent in seconds.");
  registry
      .gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
      .Set(read_state().started_at);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  registry.gauge("process_max_fds", "Maximum number of open file descriptors.")
      .Set(static_cast<double>(limit.rlim_cur));
  registry.before_scrape([&virtual_memory, &resident_memory, &open_fds, &cpu] {
    const auto state = read_state();
    virtual_memory.Set(state.virtual_bytes);
    resident_memory.Set(state.resident_bytes);
    open_fds.Set(open_descriptors());
    cpu.Increment(cpu_seconds() - cpu.Value());
  });
}

}  // namespace banter::http
