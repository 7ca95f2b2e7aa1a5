#include "app/node.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/unavailable.hpp"
#include "chat/limits.hpp"
#include "wire/close_codes.hpp"

namespace banter::app {

using namespace std::chrono_literals;

namespace {

constexpr auto house_interval = 1s;
constexpr auto drained_look_interval = 10ms;

}  // namespace

Node::Node(std::size_t number, std::size_t nodes, const NodeServices& services)
    : services_(services),
      reactor_({.number = number, .flushes_per_turn_max = chat::flushes_per_turn_max}),
      hub_(reactor_, services.metrics),
      logs_(reactor_, services.store, services.relay, services.metrics),
      timelines_(reactor_, services.store, logs_, services.relay, services.metrics,
                 [this](const chat::Event& event) { hub_.broadcast(event); }),
      appender_(reactor_, services.store, timelines_, services.relay, services.metrics,
                {.events_max = chat::append_queue_events_max / nodes,
                 .bytes_max = chat::append_queue_bytes_max / nodes}),
      conversations_(reactor_, services.store, logs_, timelines_),
      session_services_{.reactor = reactor_,
                        .hub = hub_,
                        .timelines = timelines_,
                        .appender = appender_,
                        .store = services.store,
                        .throttle = services.throttle,
                        .accounts = services.accounts,
                        .metrics = services.session_metrics,
                        .options = services.session_options},
      health_(services.store),
      connections_(reactor_,
                   {.accounts = services.accounts,
                    .conversations = conversations_,
                    .store = services.store,
                    .throttle = services.throttle,
                    .health = health_,
                    .metrics = services.http_metrics,
                    .registry = services.metrics,
                    .options = services.http_options},
                   [this](base::Stream& stream, http::UpgradeRequest request) {
                     take_over(stream, std::move(request));
                   }),
      house_timer_(reactor_.executor()),
      drain_timer_(reactor_.executor()),
      outbox_bytes_(services.metrics.gauge("banter_outbox_bytes",
                                           "Bytes waiting to be sent, over all connections")) {
  services.relay.listen(reactor_.executor(), *this);
  services.store.listen(reactor_.executor(), *this);
  keep_house();
}

Node::~Node() {
  stop();
  join();
}

void Node::set_peers(const std::vector<std::unique_ptr<Node>>& nodes) {
  std::vector<chat::Conversations*> conversations;
  for (const auto& node : nodes) {
    peers_.push_back(node.get());
    conversations.push_back(&node->conversations_);
  }
  conversations_.set_peers(std::move(conversations));
}

void Node::start() {
  thread_ = std::thread([this] {
    reactor_.run();
    stopped_ = true;
  });
}

void Node::stop() {
  reactor_.post([this] {
    stopping_ = true;
    house_timer_.cancel();
    drain_timer_.cancel();
    timelines_.stop();
  });
  reactor_.stop();
}

void Node::join() {
  if (thread_.joinable()) thread_.join();
}

// A socket serves one conversation: it moves to that conversation's home, so that fan-out is local.
void Node::take_over(base::Stream& stream, http::UpgradeRequest request) {
  Node& home = *peers_[conversations_.home_of(request.conversation)];
  if (&home == this) {
    stream.set_handler(std::make_shared<ws::Session>(session_services_, std::move(request)));
    return;
  }
  home.reactor_.post([&home, socket = stream.release(), granted = std::move(request)]() mutable {
    home.reactor_.adopt(socket,
                        std::make_shared<ws::Session>(home.session_services_, std::move(granted)));
  });
}

void Node::renew(std::function<void()> done) {
  reactor_.post([this, done = std::move(done)] {
    conversations_.forget_members();
    hub_.end_all(wire::CloseCode::restart);
    timelines_.forget_all();
    done();
  });
}

void Node::on_notice(const chat::Notice& notice) {
  using Kind = chat::Notice::Kind;
  switch (notice.kind) {
    case Kind::account_changed:
      services_.accounts.forget(notice.user);
      conversations_.forget_members();
      boost::asio::co_spawn(reactor_.executor(), end_if_inactive(notice.user),
                            boost::asio::detached);
      return;
    case Kind::member_removed:
      conversations_.forget_members();
      hub_.end_member(notice.conversation, notice.user, wire::CloseCode::removed);
      return;
    case Kind::member_added:
      return;
    case Kind::anything:
      conversations_.forget_members();
      hub_.end_all(wire::CloseCode::try_again);
      return;
  }
}

// Fails closed: when the store cannot say, the sockets end in a way that brings them back.
Task<> Node::end_if_inactive(UserId user) {
  try {
    if (!co_await services_.accounts.is_active(user)) {
      hub_.end_user(user, wire::CloseCode::no_user);
    }
  } catch (const Unavailable& accident) {
    log::warn("account_unknown", {{"user", user.value}, {"reason", accident.what()}});
    hub_.end_user(user, wire::CloseCode::try_again);
  }
}

void Node::keep_house() {
  house_timer_.expires_after(house_interval);
  house_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopping_) return;
    timelines_.sweep(steady_now());
    const auto waiting = static_cast<double>(reactor_.outbox_bytes());
    outbox_bytes_.Increment(waiting - outbox_bytes_told_);
    outbox_bytes_told_ = waiting;
    keep_house();
  });
}

void Node::drain() {
  reactor_.post([this] {
    health_.set_draining();
    connections_.drain();
    hub_.shut_down();
    await_drained();
  });
}

void Node::await_drained() {
  if (reactor_.streams() == 0 && appender_.idle()) {
    drained_ = true;
    return;
  }
  drain_timer_.expires_after(drained_look_interval);
  drain_timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopping_) await_drained();
  });
}

}  // namespace banter::app
