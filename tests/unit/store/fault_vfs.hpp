// A way to the disk that fails on demand, for SQLite: forwards everything to the default VFS, but
// the writes and syncs of WAL files fail or wait as the test says. One per process; tests set and
// reset it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>

namespace banter::store {

struct DiskFaults {
  std::atomic<int> write_error = 0;  // an SQLite result code; 0: none
  std::atomic<int> sync_error = 0;
  std::atomic<int> writes_refused = 0;
  std::atomic<int> syncs = 0;  // that reached the disk or failed
  std::mutex mutex;
  std::function<void()> before_sync;  // under the mutex; may wait
};

inline constexpr const char* fault_vfs_name = "banter-fault";

// Registers the VFS at the first call.
[[nodiscard]] DiskFaults& disk_faults();
void reset_disk_faults();

}  // namespace banter::store
