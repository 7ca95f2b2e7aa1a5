#include "relay/redis/redis_services.hpp"

#include <pthread.h>
#include <sys/random.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"
#include "relay/redis/relay_names.hpp"

namespace banter::relay {
namespace {

std::string random_node() {
  std::string node(node_bytes, '\0');
  ASSERT(::getrandom(node.data(), node.size(), 0) == static_cast<ssize_t>(node.size()),
         "getrandom gives up to 256 bytes whole once the kernel's pool is ready");
  return node;
}

}  // namespace

RedisServices::RedisServices(RedisUrl url, base::Metrics& metrics, Denied denied)
    : work_(boost::asio::make_work_guard(context_)),
      up_(metrics.gauge("banter_relay_up", "Whether a Redis can be used")),
      relay_(context_.get_executor(), random_node(), metrics),
      throttle_(
          context_.get_executor(), [this] { return relay_.epoch(); }, metrics),
      client_(context_.get_executor(), std::move(url), "banter",
              {.push = [this](RespValue push) { relay_.on_push(std::move(push)); },
               .read_done = [this] { relay_.on_read_done(); },
               .changed = [this] { relay_.synchronise(); },
               .state =
                   [this](bool up) {
                     up_.Set(up ? 1 : 0);
                     throttle_.set_up(up);
                   },
               .denied = std::move(denied)},
              metrics) {
  relay_.use(client_);
  throttle_.use(client_);
  client_.start();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "relay");
    context_.run();
  });
}

RedisServices::~RedisServices() {
  boost::asio::post(context_, [this] {
    relay_.stop();
    throttle_.stop();
    client_.stop();
    work_.reset();
  });
  thread_.join();
}

}  // namespace banter::relay
