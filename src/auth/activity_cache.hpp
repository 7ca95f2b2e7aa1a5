// Whether users are active, remembered for a moment, so that not every request asks the store.
// Shared by all reactors: sharded by user, each shard under its own mutex, held for a few
// instructions. Bounded; knows no store.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace banter::auth {

enum class Activity : std::uint8_t { no_such_user, inactive, active };

class ActivityCache {
 public:
  static constexpr auto age_max = std::chrono::seconds{1};  // how long a deactivated user may go on
  static constexpr std::size_t entries_max = 100'000;

  [[nodiscard]] std::optional<Activity> find(UserId user, SteadyTime now);

  // A look-up in the store: begin() before it, finish() after it with what begin() gave. False: the
  // user was forgotten in between, so the answer may be older than that and is not remembered.
  using Stamp = std::uint64_t;
  [[nodiscard]] Stamp begin(UserId user);
  [[nodiscard]] bool finish(UserId user, Activity activity, Stamp stamp, SteadyTime began_at);

  void forget(UserId user);

 private:
  static constexpr std::size_t shard_count = 64;
  struct Entry {
    Activity activity = Activity::no_such_user;
    SteadyTime at{};
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<UserId, Entry> entries;
    Stamp stamp = 0;  // counts what was forgotten
  };
  [[nodiscard]] Shard& shard_of(UserId user) {
    return shards_[std::hash<UserId>{}(user) % shard_count];
  }

  std::array<Shard, shard_count> shards_;
};

}  // namespace banter::auth
