#include "simulation/virtual_time.hpp"

#include <sys/eventfd.h>
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
std::chrono::seconds wall_offset{0};

// The descriptors by which Asio's epoll is woken for timers. They are eventfds: a timer of the
// kernel's that is due at once costs a hundred times as much.
struct Alarm {
  std::optional<steady_clock::time_point> due;
  bool rings = false;
};
std::map<int, Alarm>& alarms() {
  static auto& all = *new std::map<int, Alarm>;  // close() may be called when all else is gone
  return all;
}

void ring(int descriptor, Alarm& alarm) {
  alarm.due.reset();
  if (!alarm.rings) ::eventfd_write(descriptor, 1);
  alarm.rings = true;
}

void silence(int descriptor, Alarm& alarm) {
  eventfd_t count = 0;
  if (alarm.rings) ::eventfd_read(descriptor, &count);
  alarm.rings = false;
}

}  // namespace

void set_wall_offset(std::chrono::seconds offset) { wall_offset = offset; }

void begin() {
  now_is = beginning;
  wall_offset = {};
  alarms().clear();
}

std::optional<steady_clock::time_point> next_timer() {
  std::optional<steady_clock::time_point> next;
  for (const auto& [descriptor, alarm] : alarms()) {
    if (alarm.due) next = std::min(next.value_or(*alarm.due), *alarm.due);
  }
  return next;
}

void advance(steady_clock::time_point to) {
  now_is = std::max(now_is, to);
  for (auto& [descriptor, alarm] : alarms()) {
    if (alarm.due && *alarm.due <= now_is) ring(descriptor, alarm);
  }
}

}  // namespace banter::simulation

// The clocks of the whole program: a definition in it goes before the library's.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return banter::simulation::now_is;
}
std::chrono::system_clock::time_point std::chrono::system_clock::now() noexcept {
  using namespace std::chrono;
  return system_clock::time_point(sys_days{2026y / 1 / 1}.time_since_epoch() +
                                  banter::simulation::now_is.time_since_epoch() +
                                  banter::simulation::wall_offset);
}

extern "C" int timerfd_create(clockid_t /*clock*/, int /*flags*/) noexcept {
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  banter::simulation::alarms()[descriptor] = {};
  return descriptor;
}

// The number may be a socket's next.
extern "C" int close(int descriptor) {
  banter::simulation::alarms().erase(descriptor);
  return static_cast<int>(::syscall(SYS_close, descriptor));
}

// Asio's only use: the time until its next timer, or at once.
extern "C" int timerfd_settime(int descriptor, int flags, const itimerspec* value,
                               itimerspec* /*old*/) noexcept {
  using namespace banter::simulation;
  auto& alarm = alarms()[descriptor];
  silence(descriptor, alarm);
  const auto& in = value->it_value;
  alarm.due = now_is;
  if (flags == 0)
    *alarm.due += std::chrono::seconds{in.tv_sec} + std::chrono::nanoseconds{in.tv_nsec};
  if (*alarm.due <= now_is) ring(descriptor, alarm);
  return 0;
}
