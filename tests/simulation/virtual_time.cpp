#include "simulation/virtual_time.hpp"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <map>

namespace banter::simulation {
namespace {

using std::chrono::steady_clock;

constexpr steady_clock::time_point beginning{std::chrono::hours{1}};
steady_clock::time_point now_is = beginning;

// Deadlines of the descriptors by which Asio's epoll is woken for timers.
std::map<int, steady_clock::time_point>& deadlines() {
  static std::map<int, steady_clock::time_point> all;
  return all;
}

int set_really(int descriptor, int flags, const itimerspec& value) {
  return static_cast<int>(
      ::syscall(SYS_timerfd_settime, descriptor, flags, &value, static_cast<itimerspec*>(nullptr)));
}

}  // namespace

void begin() {
  now_is = beginning;
  deadlines().clear();
}

std::optional<steady_clock::time_point> next_timer() {
  std::optional<steady_clock::time_point> next;
  for (const auto& [descriptor, due] : deadlines()) next = std::min(next.value_or(due), due);
  return next;
}

void advance(steady_clock::time_point to) {
  now_is = std::max(now_is, to);
  const itimerspec at_once{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 1}};
  std::erase_if(deadlines(), [&](const auto& item) {
    if (item.second > now_is) return false;
    set_really(item.first, TFD_TIMER_ABSTIME, at_once);
    return true;
  });
}

}  // namespace banter::simulation

// The clocks of the whole program: a definition in it goes before the library's.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return banter::simulation::now_is;
}
std::chrono::system_clock::time_point std::chrono::system_clock::now() noexcept {
  using namespace std::chrono;
  return system_clock::time_point(sys_days{2026y / 1 / 1}.time_since_epoch() +
                                  banter::simulation::now_is.time_since_epoch());
}

// Asio's only use: the time until its next timer, or at once.
extern "C" int timerfd_settime(int descriptor, int flags, const itimerspec* value,
                               itimerspec* /*old*/) noexcept {
  using namespace banter::simulation;
  deadlines().erase(descriptor);
  const auto& in = value->it_value;
  if (flags != 0 || (in.tv_sec == 0 && in.tv_nsec == 0)) {
    return set_really(descriptor, flags, *value);
  }
  // It is not set in earnest: where it was, it has fired.
  deadlines()[descriptor] =
      now_is + std::chrono::seconds{in.tv_sec} + std::chrono::nanoseconds{in.tv_nsec};
  return 0;
}
