// Weather: what one seed decides: how late, and whether, things happen. Owned by a Simulation.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "base/task.hpp"

namespace banter::simulation {

// A server that breaks the promise, to see that it is noticed.
enum class Defect : std::uint8_t {
  none,
  ack_before_commit,
  publish_before_commit,
  dedupe_in_memory,
  numbers_from_a_sequence,
  no_head_poll,
  history_from_the_relay,
  loses_the_tail,  // commits are not flushed, and the power goes
};

struct Weather {
  explicit Weather(std::uint64_t seed, Defect what) : defect(what), random(seed) {}

  Defect defect;
  bool fair = false;        // nothing fails any more
  bool store_away = false;  // for everybody
  bool relay_away = false;
  std::mt19937_64 random;

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
