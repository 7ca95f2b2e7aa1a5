#include "verify/local/volatile_disk.hpp"

#include <fstream>
#include <string_view>
#include <utility>

#include "base/unavailable.hpp"
#include "verify/local/child_process.hpp"

// synced_copy.cpp, built, as this program carries it.
extern "C" const char banter_synced_copy[];
extern "C" const char banter_synced_copy_end[];

namespace banter::verify {

namespace fs = std::filesystem;

VolatileDisk::VolatileDisk(fs::path directory, std::string user)
    : directory_(fs::canonical(directory)),
      user_(std::move(user)),
      synced_(directory_.string() + ".synced"),
      library_(directory_.string() + ".disk.so") {
  const std::string_view bytes(banter_synced_copy, banter_synced_copy_end);
  std::ofstream file(library_, std::ios::binary);
  file << bytes;
  file.close();
  if (!file) throw Unavailable(library_ + " cannot be written");
  fs::permissions(library_, fs::perms::others_read | fs::perms::group_read, fs::perm_options::add);
  run({.words = {"cp", "-a", directory_, synced_}, .user = user_});
}

std::vector<std::string> VolatileDisk::environment() const {
  return {"BANTER_DISK=" + directory_.string(), "BANTER_DISK_SYNCED=" + synced_.string()};
}

void VolatileDisk::lose_power() const {
  run({.words = {"rm", "-rf", directory_}, .user = user_});
  run({.words = {"cp", "-a", synced_, directory_}, .user = user_});
}

}  // namespace banter::verify
