// VolatileDisk: a directory that loses power as a disk does: what was written there and not synced
// is then gone. kill -9 alone does not test that a commit is flushed; the kernel keeps what was
// written. Owned by the one whose directory it is, on its thread.
//
// Not played: writes that were not synced and yet survive, or do so in part. SQLite's and
// PostgreSQL's checksums and their own tests are for that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace banter::verify {

enum class Disk : std::uint8_t { lasting, can_lose_power };

class VolatileDisk {
 public:
  // directory: exists, and all that is in it counts as synced; nobody writes to it yet. user: whose
  // files these are, if this process is root's. Beside it "<directory>.synced" is made, and the
  // library. Throws Unavailable.
  VolatileDisk(std::filesystem::path directory, std::string user);

  // For the environment of every program that writes there.
  [[nodiscard]] std::string library() const { return library_; }  // to be preloaded
  [[nodiscard]] std::vector<std::string> environment() const;
  // When all of these are gone: the directory is as it was synced.
  void lose_power() const;

 private:
  std::filesystem::path directory_;
  std::string user_;
  std::filesystem::path synced_;
  std::string library_;
};

}  // namespace banter::verify
