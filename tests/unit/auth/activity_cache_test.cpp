#include "auth/activity_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace banter::auth {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start{1h};

TEST(ActivityCache, RemembersAnAnswerForLessThanASecond) {
  ActivityCache cache;
  EXPECT_FALSE(cache.find(UserId{1}, start));
  ASSERT_TRUE(cache.finish(UserId{1}, Activity::inactive, cache.begin(UserId{1}), start));
  EXPECT_EQ(cache.find(UserId{1}, start), Activity::inactive);
  EXPECT_EQ(cache.find(UserId{1}, start + 999ms), Activity::inactive);
  EXPECT_FALSE(cache.find(UserId{1}, start + 1s));
}

TEST(ActivityCache, ForgetsAtOnce) {
  ActivityCache cache;
  ASSERT_TRUE(cache.finish(UserId{1}, Activity::active, cache.begin(UserId{1}), start));
  cache.forget(UserId{1});
  EXPECT_FALSE(cache.find(UserId{1}, start));
}

TEST(ActivityCache, DoesNotRememberALookUpThatAForgettingOvertook) {
  ActivityCache cache;
  const auto stamp = cache.begin(UserId{1});
  cache.forget(UserId{1});
  EXPECT_FALSE(cache.finish(UserId{1}, Activity::active, stamp, start));
  EXPECT_FALSE(cache.find(UserId{1}, start));
  EXPECT_TRUE(cache.finish(UserId{1}, Activity::inactive, cache.begin(UserId{1}), start));
  EXPECT_EQ(cache.find(UserId{1}, start), Activity::inactive);
}

TEST(ActivityCache, NeverRemembersWhatWasTrueBeforeAForgettingByAnotherThread) {
  ActivityCache cache;
  std::atomic<bool> active = true;
  std::atomic<bool> done = false;
  std::vector<std::thread> lookers;
  for (int i = 0; i < 3; ++i)
    lookers.emplace_back([&] {
      while (!done) {
        const auto stamp = cache.begin(UserId{1});
        const Activity seen = active ? Activity::active : Activity::inactive;
        std::this_thread::yield();  // the store takes its time
        (void)cache.finish(UserId{1}, seen, stamp, start);
      }
    });
  for (int i = 0; i < 500; ++i) {
    active = i % 2 == 0;
    cache.forget(UserId{1});
    std::this_thread::yield();
    const auto remembered = cache.find(UserId{1}, start);
    EXPECT_TRUE(!remembered || (*remembered == Activity::active) == active);
  }
  done = true;
  for (auto& looker : lookers) looker.join();
}

TEST(ActivityCache, HoldsABoundedNumberOfUsersAndStillTheNewest) {
  ActivityCache cache;
  const auto users = static_cast<std::int64_t>(ActivityCache::entries_max * 2);
  for (std::int64_t id = 1; id <= users; ++id)
    ASSERT_TRUE(cache.finish(UserId{id}, Activity::active, cache.begin(UserId{id}), start));
  std::size_t remembered = 0;
  for (std::int64_t id = 1; id <= users; ++id)
    if (cache.find(UserId{id}, start)) ++remembered;
  EXPECT_LE(remembered, ActivityCache::entries_max);
  EXPECT_GT(remembered, 0u);
  EXPECT_EQ(cache.find(UserId{users}, start), Activity::active);
}

TEST(ActivityCache, MakesRoomByDroppingWhatIsTooOldAnyway) {
  ActivityCache cache;
  const auto users = static_cast<std::int64_t>(ActivityCache::entries_max);
  for (std::int64_t id = 1; id <= users; ++id)
    ASSERT_TRUE(cache.finish(UserId{id}, Activity::active, cache.begin(UserId{id}), start));
  const SteadyTime later = start + 2s;
  for (std::int64_t id = users + 1; id <= users + 1'000; ++id)
    ASSERT_TRUE(cache.finish(UserId{id}, Activity::active, cache.begin(UserId{id}), later));
  for (std::int64_t id = users + 1; id <= users + 1'000; ++id)
    EXPECT_TRUE(cache.find(UserId{id}, later)) << id;
}

}  // namespace
}  // namespace banter::auth
