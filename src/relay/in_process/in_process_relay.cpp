#include "relay/in_process/in_process_relay.hpp"

#include <boost/asio/post.hpp>

namespace banter::relay {

void InProcessRelay::listen(Executor reactor, chat::NoticeListener& listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.push_back({.reactor = reactor, .listener = &listener});
}

void InProcessRelay::notify(const chat::Notice& notice) {
  const std::scoped_lock lock(mutex_);
  for (const auto& each : listeners_) {
    boost::asio::post(each.reactor,
                      [listener = each.listener, notice] { listener->on_notice(notice); });
  }
}

}  // namespace banter::relay
