#include "verify/drive/stage.hpp"

#include <boost/asio/redirect_error.hpp>

namespace banter::verify {

Task<> wait_until(Timer& timer, SteadyTime when) {
  timer.expires_at(when);
  boost::system::error_code cancelled;
  co_await timer.async_wait(boost::asio::redirect_error(use_task, cancelled));
}

}  // namespace banter::verify
