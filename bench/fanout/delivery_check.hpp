#pragma once
// Whether every member got every message once and in order, by the sequence numbers in the marks.

#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include "crowd.hpp"

namespace wsload {

class DeliveryCheck {
 public:
  explicit DeliveryCheck(std::size_t pairs) : expected_(pairs) {}

  // True if this is the first copy of the message at this member.
  [[nodiscard]] bool first_copy(std::uint32_t pair, std::uint32_t seq);

  // Copies that never came; call once, at the end. `echo`: senders receive their own messages.
  [[nodiscard]] std::uint64_t count_missing(const Crowd& crowd, bool echo) const;

  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t reordered() const { return reordered_; }

 private:
  std::vector<std::uint32_t> expected_;  // the next sequence number of each pair
  std::unordered_map<std::uint32_t, std::set<std::uint32_t>> holes_;
  std::uint64_t duplicates_ = 0, reordered_ = 0;
};

}  // namespace wsload
