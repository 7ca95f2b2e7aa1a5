#include "store/sqlite/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace banter::store {
namespace {

std::string reason(const std::filesystem::path& path) {
  return path.string() + ": " + std::generic_category().message(errno);
}

}  // namespace

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

std::expected<DirectoryLock, OpenFailure> lock_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (directory.has_parent_path()) {
    std::filesystem::create_directories(directory.parent_path(), error);
  }
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(OpenFailure{.detail = reason(directory)});
  }
  const auto path = directory / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return std::unexpected(OpenFailure{.detail = reason(path)});
  DirectoryLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return std::unexpected(OpenFailure{.detail = reason(path)});
  return std::unexpected(
      OpenFailure{.kind = OpenFailure::Kind::locked,
                  .detail = directory.string() + " is in use by another process"});
}

std::filesystem::path database_file(const std::filesystem::path& directory) {
  return directory / "banter.db";
}

std::expected<void, std::string> create_private(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(reason(file));
  ::close(descriptor);
  return {};
}

std::expected<void, std::string> sync_path(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(reason(path));
  const int outcome = ::fsync(descriptor);
  const std::string why = outcome == 0 ? std::string() : reason(path);
  ::close(descriptor);
  if (outcome != 0) return std::unexpected(why);
  return {};
}

}  // namespace banter::store
