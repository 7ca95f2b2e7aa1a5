// The folder the embedded store lives in, and the lock that makes one process its owner. Values and
// a file descriptor; any thread. Knows no SQL.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "store/open_failure.hpp"

namespace banter::store {

// An exclusive flock; let go when this goes, or the process does.
class DirectoryLock {
 public:
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;

 private:
  friend std::expected<DirectoryLock, OpenFailure> lock_directory(const std::filesystem::path&);
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

// Never waits. Creates the directory (mode 0700) and DIRECTORY/lock (mode 0600) where missing.
[[nodiscard]] std::expected<DirectoryLock, OpenFailure> lock_directory(
    const std::filesystem::path& directory);

[[nodiscard]] std::filesystem::path database_file(const std::filesystem::path& directory);

// Creates an empty file with mode 0600 unless it exists. SQLite gives its WAL the mode of its
// database. The error is errno's text.
[[nodiscard]] std::expected<void, std::string> create_private(const std::filesystem::path& file);
// What was written or renamed there stays after a power cut. The error is errno's text.
[[nodiscard]] std::expected<void, std::string> sync_path(const std::filesystem::path& path);

}  // namespace banter::store
