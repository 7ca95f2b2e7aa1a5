// BatchSender: many non-blocking sends in one system call, by io_uring. Optional: where the kernel
// or a container does not allow it, available() is false and the reactor sends one by one. Owned by
// a reactor, made and used on its thread. All sends have ended when run() returns, so that nothing
// it points to need live longer.
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace banter::base {

class BatchSender {
 public:
  BatchSender();
  ~BatchSender();
  BatchSender(const BatchSender&) = delete;
  BatchSender& operator=(const BatchSender&) = delete;

  [[nodiscard]] bool available() const { return available_; }
  // Up to this many per run().
  [[nodiscard]] static constexpr std::size_t capacity() { return entries; }

  void add(int socket, std::string_view bytes);
  // What send() would have returned for each add(), in their order: bytes sent, or -errno. Valid
  // until the next add().
  [[nodiscard]] const std::vector<int>& run();

 private:
  // The figure of the prototype (docs/decisions/0002): larger rings were no faster.
  static constexpr unsigned entries = 256;
  io_uring ring_{};
  bool available_ = false;
  bool done_ = true;
  std::vector<int> results_;
};

}  // namespace banter::base
