#include "delivery_check.hpp"

namespace wsload {

bool DeliveryCheck::first_copy(std::uint32_t pair, std::uint32_t seq) {
  std::uint32_t& expected = expected_[pair];
  if (seq == expected) {
    ++expected;
    return true;
  }
  if (seq > expected) {  // some are missing, at least for now
    auto& holes = holes_[pair];
    for (; expected < seq; ++expected) holes.insert(expected);
    ++expected;
    return true;
  }
  const auto holes = holes_.find(pair);
  if (holes != holes_.end() && holes->second.erase(seq) > 0) {
    ++reordered_;
    return true;
  }
  ++duplicates_;
  return false;
}

std::uint64_t DeliveryCheck::count_missing(const Crowd& crowd, bool echo) const {
  std::uint64_t missing = 0;
  for (std::uint32_t i = 0; i < crowd.members.size(); ++i) {
    const auto& member = crowd.members[i];
    for (const auto other : crowd.conversations[member.conversation].members) {
      const auto index = crowd.members[other].sender;
      if (index < 0 || (!echo && other == i)) continue;
      const auto& sender = crowd.senders[static_cast<std::size_t>(index)];
      missing += sender.sent - expected_[member.first_pair + sender.local];
    }
  }
  for (const auto& [pair, holes] : holes_) missing += holes.size();
  return missing;
}

}  // namespace wsload
