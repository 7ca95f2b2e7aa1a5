// Unix socket addresses for paths of any length: the kernel takes 107 bytes, a data directory may
// be deeper. A long path is reached through its directory's descriptor.
#pragma once

#include <filesystem>
#include <string>

namespace banter::app {

class LocalAddress {
 public:
  // Throws boost::system::system_error when the directory of a long path cannot be opened.
  explicit LocalAddress(const std::filesystem::path& path);
  ~LocalAddress();
  LocalAddress(const LocalAddress&) = delete;
  LocalAddress& operator=(const LocalAddress&) = delete;

  // Names the same socket; valid while this lives.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  int directory_ = -1;
  std::string name_;
};

}  // namespace banter::app
