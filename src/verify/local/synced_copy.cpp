// A library that is preloaded (LD_PRELOAD) into whoever writes to a VolatileDisk: whatever it syncs
// is copied to where only what was synced is kept. Several processes may write: what one syncs
// another may have written, so a file is compared as a whole. Names (rename, link, unlink, rmdir)
// are followed at once, as a file system does that keeps a journal of them. Nothing but libc in it:
// programs that it is loaded into are not ours.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t piece_bytes = 64 * 1024;

using Path = char[PATH_MAX];

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// Where the copy of a file is; false if it is not on the disk.
bool copy_of(const char* path, Path& copy) {
  const char* disk = ::getenv("BANTER_DISK");
  const char* synced = ::getenv("BANTER_DISK_SYNCED");
  if (disk == nullptr || synced == nullptr) return false;
  Path here;
  Path whole;
  if (path[0] != '/') {
    if (::getcwd(here, sizeof here) == nullptr) return false;
    if (::snprintf(whole, sizeof whole, "%s/%s", here, path) >= PATH_MAX) return false;
    path = whole;
  }
  const size_t size = ::strlen(disk);
  if (::strncmp(path, disk, size) != 0 || path[size] != '/') return false;
  return ::snprintf(copy, sizeof copy, "%s%s", synced, path + size) < PATH_MAX;
}

int open_copy(Path& copy) {
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC;
  int file = ::open(copy, flags, 0600);
  if (file >= 0 || errno != ENOENT) return file;
  for (char* slash = ::strchr(copy + 1, '/'); slash != nullptr; slash = ::strchr(slash + 1, '/')) {
    *slash = '\0';
    ::mkdir(copy, 0700);
    *slash = '/';
  }
  return ::open(copy, flags, 0600);
}

// Only what differs is written: most of a file is as it was.
bool copy_bytes(int from, int to) {
  static thread_local char fresh[piece_bytes];
  static thread_local char kept[piece_bytes];
  off_t at = 0;
  while (true) {
    const ssize_t size = ::pread(from, fresh, sizeof fresh, at);
    if (size < 0) return false;
    if (size == 0) return ::ftruncate(to, at) == 0;
    const auto bytes = static_cast<size_t>(size);
    const bool same = ::pread(to, kept, bytes, at) == size && ::memcmp(fresh, kept, bytes) == 0;
    if (!same && ::pwrite(to, fresh, bytes, at) != size) return false;
    at += size;
  }
}

bool copy_file(int file) {
  char link[32];
  ::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  Path path;
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size < 0) return true;  // the call itself says what is wrong with it
  path[size] = '\0';
  struct stat about;
  Path copy;
  if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink == 0 ||
      !copy_of(path, copy)) {
    return true;
  }
  const int from = ::open(link, O_RDONLY | O_CLOEXEC);
  const int to = open_copy(copy);
  // Two may sync at once, and the one that read first must not write last.
  const bool done = from >= 0 && to >= 0 && ::flock(to, LOCK_EX) == 0 && copy_bytes(from, to);
  if (from >= 0) ::close(from);
  if (to >= 0) ::close(to);
  return done;
}

int sync(int file, const char* name) {
  if (!copy_file(file)) {
    errno = EIO;
    return -1;
  }
  return next<int(int)>(name)(file);
}

// What was done with a name is done with its copy.
int follow(int status, const char* path, int (*call)(const char*)) {
  const int error = errno;
  Path copy;
  if (status == 0 && copy_of(path, copy)) call(copy);
  errno = error;
  return status;
}

int follow(int status, const char* from, const char* to, int (*call)(const char*, const char*)) {
  const int error = errno;
  Path copy_from;
  Path copy_to;
  if (status == 0 && copy_of(from, copy_from) && copy_of(to, copy_to)) call(copy_from, copy_to);
  errno = error;
  return status;
}

}  // namespace

extern "C" {

int fsync(int file) { return sync(file, "fsync"); }
int fdatasync(int file) { return sync(file, "fdatasync"); }

int unlink(const char* path) noexcept {
  auto* const call = next<int(const char*)>("unlink");
  return follow(call(path), path, call);
}

int rmdir(const char* path) noexcept {
  auto* const call = next<int(const char*)>("rmdir");
  return follow(call(path), path, call);
}

int rename(const char* from, const char* to) noexcept {
  auto* const call = next<int(const char*, const char*)>("rename");
  return follow(call(from, to), from, to, call);
}

int link(const char* from, const char* to) noexcept {
  auto* const call = next<int(const char*, const char*)>("link");
  return follow(call(from, to), from, to, call);
}

}  // extern "C"
