#include "app/signing_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "unit/app/temporary_folder.hpp"

namespace banter::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string good_key(32, 'k');

class SigningKey : public testing::Test {
 protected:
  SigningKey() { config_.data = folder_.path() / "data"; }

  void write(const std::filesystem::path& path, const std::string& text, mode_t mode = 0600) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  TemporaryFolder folder_;
  Config config_;
};

TEST_F(SigningKey, IsMadeAtTheFirstStartForItsOwnerAlone) {
  const auto origin = resolve_signing_key(config_, MissingKey::make);
  ASSERT_TRUE(origin) << origin.error();
  EXPECT_EQ(*origin, (config_.data / "secret.key").string());
  EXPECT_EQ(mode_of(config_.data), 0700u);
  EXPECT_EQ(mode_of(*origin), 0600u);
  EXPECT_EQ(config_.secret_key.size(), 96u);
  EXPECT_EQ(config_.secret_key.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST_F(SigningKey, LeavesNothingElseBehind) {
  ASSERT_TRUE(resolve_signing_key(config_, MissingKey::make));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(config_.data)) {
    EXPECT_EQ(entry.path().filename(), "secret.key");
    ++files;
  }
  EXPECT_EQ(files, 1u);
}

TEST_F(SigningKey, StaysTheSameAtLaterStarts) {
  Config later = config_;
  ASSERT_TRUE(resolve_signing_key(config_, MissingKey::make));
  ASSERT_TRUE(resolve_signing_key(later, MissingKey::make));
  EXPECT_EQ(config_.secret_key, later.secret_key);
}

TEST_F(SigningKey, IsOneWhenSeveralProcessesStartAtOnce) {
  std::vector<Config> configs(8, config_);
  std::vector<std::thread> starts;
  for (auto& config : configs) {
    starts.emplace_back([&config] { EXPECT_TRUE(resolve_signing_key(config, MissingKey::make)); });
  }
  for (auto& start : starts) start.join();
  std::set<std::string> keys;
  for (const auto& config : configs) keys.insert(config.secret_key);
  EXPECT_EQ(keys.size(), 1u);
}

TEST_F(SigningKey, FromTheEnvironmentLeavesTheDiskAlone) {
  config_.secret_key = good_key;
  EXPECT_EQ(resolve_signing_key(config_, MissingKey::make), "environment");
  EXPECT_FALSE(std::filesystem::exists(config_.data));
}

TEST_F(SigningKey, IsNotMadeByACheck) {
  EXPECT_TRUE(resolve_signing_key(config_, MissingKey::ignore));
  EXPECT_FALSE(std::filesystem::exists(config_.data));
  EXPECT_EQ(config_.secret_key, "");
}

TEST_F(SigningKey, IsRefusedWhenOthersCanReadIt) {
  for (const mode_t mode : {0640u, 0604u, 0660u, 0602u}) {
    write(config_.data / "secret.key", good_key, mode);
    const auto origin = resolve_signing_key(config_, MissingKey::make);
    ASSERT_FALSE(origin) << mode;
    EXPECT_THAT(origin.error(), HasSubstr("chmod 600"));
  }
}

TEST_F(SigningKey, IsRefusedWhenShortUnlessDeveloping) {
  write(config_.data / "secret.key", "short\n");
  EXPECT_THAT(resolve_signing_key(config_, MissingKey::make).error(), HasSubstr("5 bytes"));
  config_.insecure_dev = true;
  EXPECT_TRUE(resolve_signing_key(config_, MissingKey::make));
  EXPECT_EQ(config_.secret_key, "short");
}

TEST_F(SigningKey, TakesPreviousKeysFromFurtherLines) {
  const std::string second(32, 's');
  const std::string third(32, 't');
  write(config_.data / "secret.key", good_key + "\r\n\n  " + second + "\n" + third);
  config_.previous_keys = {"of the environment"};
  ASSERT_TRUE(resolve_signing_key(config_, MissingKey::make));
  EXPECT_EQ(config_.secret_key, good_key);
  EXPECT_THAT(config_.previous_keys, ElementsAre("of the environment", second, third));
}

TEST_F(SigningKey, RefusesAnEmptyFileInsteadOfReplacingIt) {
  write(config_.data / "secret.key", "\n");
  EXPECT_THAT(resolve_signing_key(config_, MissingKey::make).error(), HasSubstr("holds no key"));
}

TEST_F(SigningKey, ExpectsAFileThatSomebodyNamed) {
  config_.secret_key_file = folder_.path() / "elsewhere.key";
  EXPECT_FALSE(resolve_signing_key(config_, MissingKey::make));
  EXPECT_FALSE(resolve_signing_key(config_, MissingKey::ignore));
  write(config_.secret_key_file, good_key);
  EXPECT_EQ(resolve_signing_key(config_, MissingKey::make), config_.secret_key_file.string());
}

TEST_F(SigningKey, RefusesADirectoryAndAFileThatIsNoKey) {
  config_.secret_key_file = folder_.path();
  EXPECT_FALSE(resolve_signing_key(config_, MissingKey::make));
  config_.secret_key_file = folder_.path() / "huge";
  write(config_.secret_key_file, std::string(100'000, 'x'));
  EXPECT_THAT(resolve_signing_key(config_, MissingKey::make).error(), HasSubstr("too large"));
}

}  // namespace
}  // namespace banter::app
