// Weather: what one seed decides: how late, and whether, things happen. Owned by a Simulation.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "base/defect.hpp"
#include "base/task.hpp"

namespace banter::simulation {

struct Conditions {
  Defect defect = Defect::none;
  bool relay_loses = true;  // as all do now and then
};

struct Weather {
  Weather(std::uint64_t seed, const Conditions& conditions)
      : defect(conditions.defect), relay_loses(conditions.relay_loses), random(seed) {}

  Defect defect;
  bool relay_loses;
  bool fair = false;        // nothing fails any more
  bool store_away = false;  // for everybody
  bool relay_away = false;
  std::mt19937_64 random;

  // The poll would make up for a subscription that came too late, too.
  [[nodiscard]] bool polls_heads() const {
    return defect != Defect::no_head_poll && defect != Defect::no_subscribe_before_head;
  }
  // Of what the relay carries.
  [[nodiscard]] bool loss(double share) { return relay_loses && mishap(share); }
  [[nodiscard]] bool chance(double share) { return std::bernoulli_distribution(share)(random); }
  [[nodiscard]] bool mishap(double share) { return !fair && chance(share); }
  [[nodiscard]] std::size_t pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  }
  [[nodiscard]] std::chrono::microseconds around(std::chrono::microseconds mean) {
    std::exponential_distribution<double> drawn(1.0 / static_cast<double>(mean.count()));
    return std::chrono::microseconds{1 + static_cast<std::int64_t>(drawn(random))};
  }
  // A millisecond, and now and then a long time.
  [[nodiscard]] std::chrono::microseconds latency() {
    using namespace std::chrono_literals;
    return around(mishap(0.02) ? 300ms : 1ms);
  }
};

[[nodiscard]] inline Task<> sleep(std::chrono::microseconds span) {
  Timer timer(co_await boost::asio::this_coro::executor, span);
  co_await timer.async_wait(use_task);
}

}  // namespace banter::simulation
