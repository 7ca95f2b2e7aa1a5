#include "http/health.hpp"

#include <chrono>

namespace banter::http {

using namespace std::chrono_literals;

Task<bool> Health::store_up(SteadyTime now) {
  if (up_ && now - asked_at_ < 1s) co_return *up_;
  asked_at_ = now;
  up_ = co_await store_.healthy();
  co_return *up_;
}

}  // namespace banter::http
