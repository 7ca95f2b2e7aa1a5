#include "relay/redis/redis_sentinel.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "relay/redis/cluster_slots.hpp"

namespace banter::relay {

using namespace std::chrono_literals;

namespace {
constexpr auto sentinel_answer_max = 500ms;
}  // namespace

Task<std::optional<RedisAddress>> ask_sentinels(Executor executor, const RedisLogin& login,
                                                const std::vector<RedisAddress>& sentinels,
                                                const std::string& master, const bool& stopping) {
  std::string question;
  append_command(question, {"SENTINEL", "get-master-addr-by-name", master});
  for (const auto& sentinel : sentinels) {
    const RedisLogin own_login{
        .user = {}, .password = {}, .database = 0, .name = login.name, .tls = login.tls};
    std::optional<RedisAddress> found;
    Timer asked(executor, sentinel_answer_max);
    RedisConnection::Events events;
    events.address = [&sentinel]() -> Task<std::optional<RedisAddress>> { co_return sentinel; };
    RedisConnection* connection = nullptr;
    events.up = [&](const RespValue&) {
      boost::asio::post(executor, [&] {
        connection->send(question, 1, sentinel_answer_max, [&](RedisReplies replies) {
          if (replies.size() == 1 && replies[0].items.size() == 2) {
            found = parse_address(replies[0].items[0].text + ":" + replies[0].items[1].text);
          }
          asked.cancel();
        });
      });
    };
    events.failed = [&](const std::string&) { asked.cancel(); };
    RedisConnection own(executor, own_login, std::move(events));
    connection = &own;
    own.start();
    boost::system::error_code cancelled;
    co_await asked.async_wait(boost::asio::redirect_error(use_task, cancelled));
    own.stop();
    while (!own.over()) {
      asked.expires_after(1ms);
      co_await asked.async_wait(boost::asio::redirect_error(use_task, cancelled));
    }
    if (found || stopping) co_return found;
  }
  co_return std::nullopt;
}

}  // namespace banter::relay
