#include "unit/store/fault_vfs.hpp"

#include <sqlite3.h>

namespace banter::store {
namespace {

DiskFaults faults;

struct File {
  sqlite3_file base;
  bool wal;
  // The real file follows.
  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return self(file)->real(); }

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const int error = faults.write_error;
  if (error != 0 && self(file)->wal) {
    ++faults.writes_refused;
    return error;
  }
  return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
}

int sync(sqlite3_file* file, int flags) {
  if (!self(file)->wal) return real(file)->pMethods->xSync(real(file), flags);
  {
    const std::scoped_lock lock(faults.mutex);
    if (faults.before_sync) faults.before_sync();
  }
  ++faults.syncs;
  const int error = faults.sync_error;
  return error != 0 ? error : real(file)->pMethods->xSync(real(file), flags);
}

const sqlite3_io_methods methods{
    .iVersion = 2,
    .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
    .xRead = [](sqlite3_file* f, void* to, int n,
                sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); },
    .xWrite = write,
    .xTruncate = [](sqlite3_file* f,
                    sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
    .xLock = [](sqlite3_file* f, int kind) { return real(f)->pMethods->xLock(real(f), kind); },
    .xUnlock = [](sqlite3_file* f, int kind) { return real(f)->pMethods->xUnlock(real(f), kind); },
    .xCheckReservedLock =
        [](sqlite3_file* f, int* is) { return real(f)->pMethods->xCheckReservedLock(real(f), is); },
    .xFileControl = [](sqlite3_file* f, int what,
                       void* with) { return real(f)->pMethods->xFileControl(real(f), what, with); },
    .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** to) {
          return real(f)->pMethods->xShmMap(real(f), page, size, extend, to);
        },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f,
                    int gone) { return real(f)->pMethods->xShmUnmap(real(f), gone); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* default_vfs() {
  static sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  return vfs;
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  self(file)->wal = (flags & SQLITE_OPEN_WAL) != 0;
  file->pMethods = nullptr;
  const int code = default_vfs()->xOpen(default_vfs(), name, real(file), flags, out_flags);
  if (code == SQLITE_OK) file->pMethods = &methods;
  return code;
}

}  // namespace

DiskFaults& disk_faults() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs wrapped = *default_vfs();
    wrapped.zName = fault_vfs_name;
    wrapped.pNext = nullptr;
    wrapped.szOsFile += static_cast<int>(sizeof(File));
    wrapped.xOpen = open;
    return wrapped;
  }();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  static_cast<void>(registered);
  return faults;
}

void reset_disk_faults() {
  faults.write_error = 0;
  faults.sync_error = 0;
  faults.writes_refused = 0;
  const std::scoped_lock lock(faults.mutex);
  faults.before_sync = nullptr;
}

}  // namespace banter::store
