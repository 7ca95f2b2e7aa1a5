#include "app/signing_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/config_words.hpp"
#include "auth/token.hpp"
#include "base/assert.hpp"

namespace banter::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_bytes_min = 32;   // as for keys from the environment
constexpr std::size_t made_key_bytes = 48;  // random bytes; twice as many characters
constexpr std::size_t file_bytes_max = 16 * 1024;
constexpr unsigned others = S_IRWXG | S_IRWXO;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const fs::path& path, int flags) : File(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string because(const fs::path& path, std::string_view what) {
  const int code = errno;
  return fmt::format("{}: {}: {}", path.string(), what, std::generic_category().message(code));
}

std::expected<std::string, std::string> random_hex() {
  std::array<unsigned char, made_key_bytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return std::unexpected("the system gives no random bytes");
  }
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::expected<void, std::string> write_all(const File& file, const fs::path& path,
                                           std::string_view text) {
  const auto written = ::write(file.descriptor(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.descriptor()) != 0) {
    return std::unexpected(because(path, "cannot write it"));
  }
  return {};
}

// Under another name first: a crash leaves the whole key or none. link() fails where a key is
// already, so of several processes at once one wins, and the others read its key.
std::expected<void, std::string> make_key(const fs::path& path) {
  const auto key = random_hex();
  if (!key) return std::unexpected(key.error());
  std::string draft = path.string() + ".XXXXXX";
  const File file(::mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
  if (!file) return std::unexpected(because(path, "cannot create it"));
  auto made = write_all(file, path, *key + "\n");
  if (made && ::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    made = std::unexpected(because(path, "cannot create it"));
  }
  ::unlink(draft.c_str());
  if (!made) return made;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const File directory(folder, O_RDONLY | O_DIRECTORY);
  if (!directory || ::fsync(directory.descriptor()) != 0) {
    return std::unexpected(because(folder, "cannot sync it"));
  }
  return {};
}

std::expected<void, std::string> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return std::unexpected(because(folder, "cannot create the data directory"));
}

std::expected<std::vector<std::string>, std::string> read_keys(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (!file) return std::unexpected(because(path, "cannot read the signing key"));
  struct stat status{};
  if (::fstat(file.descriptor(), &status) != 0) {
    return std::unexpected(because(path, "cannot read the signing key"));
  }
  if (!S_ISREG(status.st_mode)) {
    return std::unexpected(fmt::format("{}: not a file; it should hold the key", path.string()));
  }
  if ((status.st_mode & others) != 0) {
    return std::unexpected(fmt::format(
        "{}: others can read the signing key (mode {:04o}); chmod 600 it, and replace the key if "
        "anybody may have seen it",
        path.string(), status.st_mode & 07777u));
  }
  std::string text(file_bytes_max + 1, '\0');
  const auto got = ::read(file.descriptor(), text.data(), text.size());
  if (got < 0) return std::unexpected(because(path, "cannot read the signing key"));
  text.resize(static_cast<std::size_t>(got));
  if (text.size() > file_bytes_max) {
    return std::unexpected(fmt::format("{}: too large for a file of keys", path.string()));
  }
  std::vector<std::string> keys;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (const auto line = trimmed(rest.substr(0, end)); !line.empty()) keys.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (keys.empty()) {
    return std::unexpected(
        fmt::format("{}: holds no key; remove it to have one made", path.string()));
  }
  return keys;
}

}  // namespace

fs::path signing_key_file(const Config& config) {
  return config.secret_key_file.empty() ? config.data / "secret.key" : config.secret_key_file;
}

std::expected<std::string, std::string> resolve_signing_key(Config& config, MissingKey missing) {
  if (!config.secret_key.empty()) return "environment";
  const auto path = signing_key_file(config);
  std::error_code error;
  if (!fs::exists(path, error) && !error) {
    // A file that somebody named is expected to be there.
    const bool own = config.secret_key_file.empty();
    if (own && missing == MissingKey::ignore) return path.string();
    if (own) {
      if (auto made = make_folder(config.data); !made) return std::unexpected(made.error());
      if (auto made = make_key(path); !made) return std::unexpected(made.error());
    }
  }
  auto keys = read_keys(path);
  if (!keys) return std::unexpected(std::move(keys.error()));
  for (const auto& key : *keys) {
    if (key.size() >= key_bytes_min || config.insecure_dev) continue;
    return std::unexpected(
        fmt::format("{}: a key of {} bytes can be guessed; use at least {}, or --insecure-dev for "
                    "tests",
                    path.string(), key.size(), key_bytes_min));
  }
  config.secret_key = std::move(keys->front());
  config.previous_keys.insert(config.previous_keys.end(), keys->begin() + 1, keys->end());
  return path.string();
}

std::vector<std::string> key_fingerprints(const Config& config) {
  std::vector<std::string> fingerprints{auth::key_fingerprint(config.secret_key)};
  for (const auto& key : config.previous_keys) fingerprints.push_back(auth::key_fingerprint(key));
  return fingerprints;
}

std::string random_node_id() {
  const auto id = random_hex();
  ASSERT(id.has_value(), "the kernel's random bytes made a signing key a moment ago");
  return id->substr(0, 16);
}

}  // namespace banter::app
