#include "relay/redis/redis_client.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "base/log.hpp"
#include "relay/redis/cluster_slots.hpp"
#include "relay/redis/redis_sentinel.hpp"

namespace banter::relay {

using namespace std::chrono_literals;

namespace {

constexpr int redirections_max = 5;
constexpr auto refresh_pause = 50ms;  // between two looks at the slots
constexpr auto refresh_every = 2s;    // though nothing seems to have changed
constexpr auto slots_answer_max = 1s;

}  // namespace

RedisDone within(Executor executor, std::chrono::milliseconds limit, RedisDone done) {
  struct Once {
    Once(Executor on, std::chrono::milliseconds longest, RedisDone then)
        : timer(on, longest), done(std::move(then)) {}
    Timer timer;
    RedisDone done;
  };
  const auto once = std::make_shared<Once>(executor, limit, std::move(done));
  once->timer.async_wait([once](boost::system::error_code) {
    if (once->done) std::exchange(once->done, nullptr)({});
  });
  return [once](RedisReplies replies) {
    if (once->done) std::exchange(once->done, nullptr)(std::move(replies));
    once->timer.cancel();
  };
}

RedisClient::RedisClient(Executor executor, RedisUrl url, std::string name, Events events,
                         base::Metrics& metrics)
    : executor_(executor),
      url_(std::move(url)),
      login_({.user = url_.user,
              .password = url_.password,
              .database = url_.database,
              .name = std::move(name),
              .tls = nullptr}),
      events_(std::move(events)),
      refresh_timer_(executor),
      moved_(metrics.counter("banter_relay_moved_total",
                             "Requests that a Redis Cluster sent to another node for good")),
      asked_(metrics.counter("banter_relay_asked_total",
                             "Requests that a Redis Cluster sent to another node for once")),
      reconnects_(metrics.counter("banter_relay_connections_lost_total",
                                  "Connections to Redis that were lost")) {
  if (url_.tls) make_tls();
  RedisConnection::Events commands;
  commands.address = [this] { return next_address(); };
  commands.up = [this](const RespValue& hello) { on_hello(hello); };
  RedisConnection::Events pushes;
  pushes.address = [this]() -> Task<std::optional<RedisAddress>> {
    if (single_address_.host.empty()) co_return std::nullopt;
    subscribed_address_ = single_address_;
    co_return single_address_;
  };
  single_ = std::make_unique<Master>();
  single_->commands = connect_to(std::move(commands));
  pushes.push = events_.push;
  pushes.read_done = events_.read_done;
  pushes.refused = [this](const std::string&) { refresh(); };
  single_->subscriber = connect_to(std::move(pushes));
  slots_.fill(single_.get());
}

RedisClient::~RedisClient() = default;

void RedisClient::make_tls() {
  namespace ssl = boost::asio::ssl;
  tls_.emplace(ssl::context::tls_client);
  tls_->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  if (url_.ca_file.empty()) {
    tls_->set_default_verify_paths(error);
  } else {
    tls_->load_verify_file(url_.ca_file, error);
  }
  if (error) log::warn("relay_authorities_unreadable", {{"reason", error.message()}});
  login_.tls = &*tls_;
}

// The same for every connection: what is lost or found changes the slots' state.
std::unique_ptr<RedisConnection> RedisClient::connect_to(RedisConnection::Events events) {
  events.up = [this, up = std::move(events.up)](const RespValue& hello) {
    up(hello);
    tell_state();
    events_.changed();
  };
  events.down = [this] {
    reconnects_.Increment();
    tell_state();
    events_.changed();
    if (clustered_) refresh();
  };
  events.failed = [this](const std::string& why) {
    events_.failed(why);
    if (!told_up_) log::warn("relay_down", {{"reason", why}});
    if (!told_up_) told_up_ = false;
    if (clustered_) refresh();
  };
  events.denied = [this](const std::string& why) {
    if (!was_up_) events_.denied(why);
  };
  return std::make_unique<RedisConnection>(executor_, login_, std::move(events));
}

void RedisClient::start() {
  single_->commands->start();
  single_->subscriber->start();
}

void RedisClient::stop() {
  stopping_ = true;
  refresh_timer_.cancel();
  single_->commands->stop();
  single_->subscriber->stop();
  for (auto& [address, master] : masters_) {
    master->commands->stop();
    master->subscriber->stop();
  }
}

void RedisClient::tell_state() {
  const auto usable = [](const Master& master) { return master.commands->up(); };
  const bool up = clustered_ ? std::ranges::any_of(
                                   masters_, [&](const auto& item) { return usable(*item.second); })
                             : usable(*single_);
  if (told_up_ == up || stopping_) return;
  const bool first = !told_up_.has_value();
  told_up_ = up;
  was_up_ = was_up_ || up;
  events_.state(up);
  if (up) {
    log::info("relay_up", {});
  } else if (!first) {
    log::warn("relay_down", {});
  }
}

// ---- whom to connect to

Task<std::optional<RedisAddress>> RedisClient::next_address() {
  if (!url_.master.empty()) {
    const auto master =
        co_await ask_sentinels(executor_, login_, url_.hosts, url_.master, stopping_);
    single_address_ = master.value_or(RedisAddress{});
    co_return master;
  }
  single_address_ = url_.hosts[next_host_++ % url_.hosts.size()];
  co_return single_address_;
}

// ---- the cluster

void RedisClient::on_hello(const RespValue& hello) {
  const bool clustered = url_.master.empty() && says_cluster(hello);
  if (clustered && !clustered_) {
    clustered_ = true;
    slots_.fill(nullptr);
    single_->subscriber->stop();
  }
  if (clustered_) return refresh();
  // Another server is the one now.
  if (subscribed_address_ != single_address_) single_->subscriber->drop("the server changed");
}

RedisClient::Master& RedisClient::master_at(const RedisAddress& address) {
  auto& slot = masters_[address];
  if (slot) return *slot;
  slot = std::make_unique<Master>();
  slot->address = address;
  const auto here = [address]() -> Task<std::optional<RedisAddress>> { co_return address; };
  RedisConnection::Events commands;
  commands.address = here;
  slot->commands = connect_to(std::move(commands));
  RedisConnection::Events pushes;
  pushes.address = here;
  pushes.push = events_.push;
  pushes.read_done = events_.read_done;
  pushes.refused = [this](const std::string&) { refresh(); };
  slot->subscriber = connect_to(std::move(pushes));
  slot->commands->start();
  slot->subscriber->start();
  return *slot;
}

void RedisClient::refresh() {
  if (!clustered_ || refreshing_ || stopping_) return;
  refreshing_ = true;
  refresh_timer_.expires_after(refresh_pause);
  refresh_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) ask_for_slots();
  });
}

void RedisClient::ask_for_slots() {
  refreshing_ = false;
  std::erase_if(retired_, [](const auto& master) { return master->over(); });
  Master* asked = single_->commands->up() ? single_.get() : nullptr;
  RedisAddress address = single_address_;
  for (auto& [at, master] : masters_) {
    if (asked == nullptr && master->commands->up()) {
      asked = master.get();
      address = at;
    }
  }
  refresh_timer_.expires_after(refresh_every);
  refresh_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) refresh();
  });
  if (asked == nullptr) return;
  std::string question;
  append_command(question, {"CLUSTER", "SLOTS"});
  asked->commands->send(question, 1, slots_answer_max, [this, address](RedisReplies replies) {
    if (replies.size() == 1 && !replies[0].is_error()) learn_slots(replies[0], address);
  });
}

void RedisClient::learn_slots(const RespValue& reply, const RedisAddress& asked) {
  const auto ranges = slot_ranges(reply, asked);
  if (ranges.empty()) return;
  slots_.fill(nullptr);
  std::vector<RedisAddress> found;
  for (const auto& range : ranges) {
    found.push_back(range.master);
    std::fill(slots_.begin() + range.first, slots_.begin() + range.last + 1,
              &master_at(range.master));
  }
  retire_all_but(found);
  events_.changed();
}

void RedisClient::retire_all_but(const std::vector<RedisAddress>& masters) {
  for (auto item = masters_.begin(); item != masters_.end();) {
    if (std::ranges::find(masters, item->first) != masters.end()) {
      ++item;
      continue;
    }
    item->second->commands->stop();
    item->second->subscriber->stop();
    retired_.push_back(std::move(item->second));
    item = masters_.erase(item);
  }
}

// ---- requests

RedisConnection* RedisClient::commands_of(std::uint16_t slot) {
  Master* master = slots_[slot];
  return master != nullptr && master->commands->up() ? master->commands.get() : nullptr;
}

RedisConnection* RedisClient::subscriber_of(std::uint16_t slot) {
  Master* master = slots_[slot];
  return master != nullptr && master->subscriber->up() ? master->subscriber.get() : nullptr;
}

void RedisClient::request(std::uint16_t slot, std::vector<std::string> commands,
                          std::chrono::milliseconds limit, RedisDone done) {
  send({.slot = slot, .commands = std::move(commands), .limit = limit, .done = std::move(done)});
}

void RedisClient::send(Request request) {
  RedisConnection* connection = request.asked != nullptr && request.asked->commands->up()
                                    ? request.asked->commands.get()
                                    : commands_of(request.slot);
  if (connection == nullptr) {
    boost::asio::post(executor_, [done = std::move(request.done)]() mutable { done({}); });
    return;
  }
  const bool asking = request.asked != nullptr;
  std::string text;
  for (const auto& command : request.commands) {
    if (asking) append_command(text, {"ASKING"});
    text += command;
  }
  const std::size_t replies = request.commands.size() * (asking ? 2 : 1);
  connection->send(text, replies, request.limit,
                   [this, replies, asking, request = std::move(request)](RedisReplies got) mutable {
                     if (got.size() != replies) return request.done({});
                     if (asking) {  // each answer stands behind that of its ASKING
                       RedisReplies answers;
                       for (std::size_t i = 1; i < got.size(); i += 2) {
                         answers.push_back(std::move(got[i]));
                       }
                       got = std::move(answers);
                     }
                     on_replies(std::move(request), std::move(got));
                   });
}

void RedisClient::on_replies(Request request, RedisReplies replies) {
  request.asked = nullptr;
  for (const auto& reply : replies) {
    if (reply.is_error() && !stopping_ && redirect(request, reply.text)) {
      return send(std::move(request));
    }
  }
  request.done(std::move(replies));
}

// Whether the request is to be sent again, as it was changed.
bool RedisClient::redirect(Request& request, const std::string& error) {
  auto redirection = redirection_in(error);
  if (!redirection) {
    if (error.starts_with("READONLY") && !clustered_) single_->commands->drop("it is a replica");
    if (error.starts_with("READONLY") || error.starts_with("CLUSTERDOWN")) refresh();
    return false;
  }
  if (++request.redirections > redirections_max) return false;
  auto& address = redirection->address;
  if (address.host.empty()) address.host = single_address_.host;
  const bool moved = redirection->for_good;
  (moved ? moved_ : asked_).Increment();
  Master& master = master_at(address);
  if (moved) {
    slots_[request.slot] = &master;
    refresh();
  } else {
    request.asked = &master;
  }
  return master.commands->up();
}

}  // namespace banter::relay
