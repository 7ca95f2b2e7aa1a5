// A disk that loses power: what was synced is there afterwards, and nothing else. The programs that
// write are coreutils: `sync FILE` is fsync.
#include "verify/local/volatile_disk.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "verify/local/child_process.hpp"

namespace banter::verify {
namespace {

namespace fs = std::filesystem;

class VolatileDiskTest : public testing::Test {
 protected:
  VolatileDiskTest() {
    fs::create_directory(data_);
    std::ofstream(data_ / "old") << "from before";
    disk_.emplace(data_, "");
  }

  // A shell's words, in the directory.
  void write(const std::string& words) {
    auto environment = disk_->environment();
    environment.push_back("LD_PRELOAD=" + disk_->library());
    run({.words = {"sh", "-ec", "cd " + data_.string() + "; " + words},
         .environment = environment});
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(data_ / name).rdbuf();
    return text.str();
  }

  ChildProcess home_{"disk-test"};  // for its directory
  fs::path data_ = home_.directory() / "data";
  std::optional<VolatileDisk> disk_;
};

TEST_F(VolatileDiskTest, WhatWasThereIsThere) {
  disk_->lose_power();
  EXPECT_EQ(text("old"), "from before");
}

TEST_F(VolatileDiskTest, WhatWasNotSyncedIsGone) {
  write("printf kept > file; sync file; printf lost >> file; printf lost > new; printf x > old");
  EXPECT_EQ(text("file"), "keptlost");
  disk_->lose_power();
  EXPECT_EQ(text("file"), "kept");
  EXPECT_FALSE(fs::exists(data_ / "new"));
  EXPECT_EQ(text("old"), "from before");
}

TEST_F(VolatileDiskTest, AnotherProcessMaySync) {
  write("mkdir -p deep/er; printf one > deep/er/file");
  write("sync -d deep/er/file");
  disk_->lose_power();
  EXPECT_EQ(text("deep/er/file"), "one");
}

TEST_F(VolatileDiskTest, AFileThatBecameShorterIsSo) {
  write("printf longer > file; sync file; printf no > file; sync file");
  disk_->lose_power();
  EXPECT_EQ(text("file"), "no");
}

TEST_F(VolatileDiskTest, ALargeFileIsWhole) {
  write("head -c 300000 /dev/zero | tr '\\0' a > file; sync file; printf b >> file");
  disk_->lose_power();
  EXPECT_EQ(text("file"), std::string(300'000, 'a'));
}

TEST_F(VolatileDiskTest, NamesAreFollowed) {
  // Python calls rename, unlink and rmdir themselves; coreutils prefers newer calls.
  write(R"sh(/usr/bin/python3 -c "
import os
def write(name):
  with open(name, 'w') as f: f.write(name); f.flush(); os.fsync(f.fileno())
os.mkdir('d'); write('d/a'); write('b'); write('c')
os.rename('d/a', 'e'); os.rmdir('d'); os.unlink('b'); os.link('c', 'f')")sh");
  disk_->lose_power();
  EXPECT_EQ(text("e"), "d/a");
  EXPECT_EQ(text("f"), "c");
  EXPECT_FALSE(fs::exists(data_ / "b"));
  EXPECT_FALSE(fs::exists(data_ / "d"));
}

TEST_F(VolatileDiskTest, ItLosesPowerAgainAndAgain) {
  for (const std::string name : {"1", "2", "3"}) {
    write("printf kept > " + name + "; sync " + name + "; printf lost >> " + name);
    disk_->lose_power();
  }
  EXPECT_EQ(text("1") + text("2") + text("3"), "keptkeptkept");
}

TEST_F(VolatileDiskTest, OtherPlacesAreNotFollowed) {
  write("printf x > ../outside; sync ../outside");
  EXPECT_FALSE(fs::exists(data_.string() + ".synced/../outside/"));
  disk_->lose_power();
  std::ostringstream outside;
  outside << std::ifstream(home_.directory() / "outside").rdbuf();
  EXPECT_EQ(outside.str(), "x");
}

}  // namespace
}  // namespace banter::verify
