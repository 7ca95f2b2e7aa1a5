#include "ack_check.hpp"

namespace wsload {

void AckCheck::received(const Mark& mark, Nanos now, bool measuring) {
  const auto found = awaited_.find(key(mark));
  if (found == awaited_.end()) {
    ++surplus_;
    return;
  }
  if (measuring) latency_.record(now > found->second ? now - found->second : 0);
  awaited_.erase(found);
}

void AckCheck::reset_window() { latency_ = Histogram{}; }

}  // namespace wsload
