#include "process_sample.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace wsload {

namespace {

using std::string;

std::vector<int> numeric_entries(const string& directory) {
  std::vector<int> found;
  if (DIR* dir = opendir(directory.c_str())) {
    while (const dirent* entry = readdir(dir)) {
      if (const int n = std::atoi(entry->d_name); n > 0) found.push_back(n);
    }
    closedir(dir);
  }
  return found;
}

// Fields of /proc/PID/stat after the command name, which may hold anything.
std::vector<string> stat_fields(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  string line;
  std::getline(in, line);
  const auto close = line.rfind(')');
  std::vector<string> fields;
  if (close == string::npos) return fields;
  std::istringstream rest(line.substr(close + 1));
  for (string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::set<int> with_children(const std::vector<int>& roots) {
  std::multimap<int, int> children;
  for (const int pid : numeric_entries("/proc")) {
    if (const auto fields = stat_fields(pid); fields.size() > 1) {
      children.emplace(std::atoi(fields[1].c_str()), pid);
    }
  }
  std::set<int> pids;
  const std::function<void(int)> add = [&](int pid) {
    if (!pids.insert(pid).second) return;
    for (auto [at, end] = children.equal_range(pid); at != end; ++at) add(at->second);
  };
  for (const int pid : roots) add(pid);
  return pids;
}

std::uint64_t number_after(const string& line, const string& name) {
  const auto at = line.find(name);
  return at == string::npos ? 0 : std::strtoull(line.c_str() + at + name.size(), nullptr, 10);
}

void add_threads(ProcessSample& total, const string& base) {
  for (const int tid : numeric_entries(base + "/task")) {
    ++total.threads;
    const string task = base + "/task/" + std::to_string(tid);
    double ran = 0;
    std::ifstream(task + "/schedstat") >> ran;
    total.run_s += ran * 1e-9;
    std::ifstream status(task + "/status");
    for (string line; std::getline(status, line);) {
      total.switches += number_after(line, "ctxt_switches:");
    }
  }
}

}  // namespace

ProcessSample sample_processes(const std::vector<int>& roots) {
  ProcessSample total;
  if (roots.empty()) return total;
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  for (const int pid : with_children(roots)) {
    const auto fields = stat_fields(pid);
    if (fields.size() < 15) continue;
    ++total.processes;
    total.user_s += std::atof(fields[11].c_str()) * tick;
    total.system_s += std::atof(fields[12].c_str()) * tick;
    const string base = "/proc/" + std::to_string(pid);
    add_threads(total, base);
    std::ifstream status(base + "/status");
    for (string line; std::getline(status, line);) {
      total.rss_kb += number_after(line, "VmRSS:");
      total.peak_kb += number_after(line, "VmHWM:");
    }
  }
  return total;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

}  // namespace wsload
