// Unavailable: the one exception that crosses layers. An accident outside (database lost, disk
// full, queue of a port full) that the caller can only report: 503 or an error frame, both with
// retry_after. Thrown by adapters, caught in http/connection and ws/session alone.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace banter {

class Unavailable : public std::runtime_error {
 public:
  explicit Unavailable(const std::string& what,
                       std::chrono::seconds retry_after = std::chrono::seconds{1})
      : std::runtime_error(what), retry_after_(retry_after) {}
  // When trying again may help; at least one second.
  [[nodiscard]] std::chrono::seconds retry_after() const noexcept { return retry_after_; }

 private:
  std::chrono::seconds retry_after_;
};

}  // namespace banter
