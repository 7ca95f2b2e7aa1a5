#include "app/local_address.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <cerrno>

namespace banter::app {

LocalAddress::LocalAddress(const std::filesystem::path& path) : name_(path.string()) {
  if (name_.size() < sizeof(sockaddr_un::sun_path)) return;
  directory_ = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) {
    throw boost::system::system_error(errno, boost::system::system_category(),
                                      path.parent_path().string());
  }
  name_ = fmt::format("/proc/self/fd/{}/{}", directory_, path.filename().string());
}

LocalAddress::~LocalAddress() {
  if (directory_ >= 0) ::close(directory_);
}

}  // namespace banter::app
