#include "auth/activity_cache.hpp"

namespace banter::auth {

std::optional<Activity> ActivityCache::find(UserId user, SteadyTime now) {
  Shard& shard = shard_of(user);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(user);
  if (found == shard.entries.end() || now - found->second.at >= age_max) return std::nullopt;
  return found->second.activity;
}

ActivityCache::Stamp ActivityCache::begin(UserId user) {
  Shard& shard = shard_of(user);
  const std::scoped_lock lock(shard.mutex);
  return shard.stamp;
}

bool ActivityCache::finish(UserId user, Activity activity, Stamp stamp, SteadyTime began_at) {
  constexpr std::size_t shard_entries_max = entries_max / shard_count;
  Shard& shard = shard_of(user);
  const std::scoped_lock lock(shard.mutex);
  if (shard.stamp != stamp) return false;
  if (shard.entries.size() >= shard_entries_max && !shard.entries.contains(user)) {
    std::erase_if(shard.entries,
                  [&](const auto& entry) { return began_at - entry.second.at >= age_max; });
    // All of them live: another second's worth of look-ups is cheaper than a list by age.
    if (shard.entries.size() >= shard_entries_max) shard.entries.clear();
  }
  shard.entries[user] = {.activity = activity, .at = began_at};
  return true;
}

void ActivityCache::forget(UserId user) {
  Shard& shard = shard_of(user);
  const std::scoped_lock lock(shard.mutex);
  shard.entries.erase(user);
  ++shard.stamp;
}

}  // namespace banter::auth
