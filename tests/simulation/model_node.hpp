// ModelNode: a node as the server has it, from its sockets to its ports, on a reactor that the
// simulation turns. Owned by a Simulation.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>

#include "simulation/model_relay.hpp"
#include "simulation/model_store.hpp"
#include "simulation/virtual_time.hpp"
#include "store/memory/memory_store.hpp"
#include "wire/close_codes.hpp"
#include "ws/hub.hpp"
#include "ws/session.hpp"

namespace banter::simulation {

// What nodes share that is no part of what is simulated.
struct Surroundings {
  store::MemoryStore accounts{};
  base::WorkerPool passwords{{.name = "passwords", .threads = 1}};
};

class ModelNode {
 public:
  ModelNode(std::string name, ModelStore& model, Bus& bus, Surroundings& around)
      : name_(std::move(name)),
        relay_(bus),
        store_(
            model, bus.weather(),
            [this](std::span<const chat::Event> events) { relay_.publish(events); },
            [&bus](ConversationId conversation) { return bus.recent(conversation); }),
        accounts_(around.accounts, around.passwords,
                  auth::Tokens({.key = std::string(32, 'k'), .previous_keys = {}}), metrics_) {
    sweep();
  }
  ModelNode(const ModelNode&) = delete;
  ModelNode& operator=(const ModelNode&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] boost::asio::io_context& context() { return reactor_.context(); }
  [[nodiscard]] chat::LogReader& logs() { return logs_; }
  // The other end of a socket that has been upgraded.
  [[nodiscard]] int connect(http::UpgradeRequest request) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) throw std::bad_alloc();
    reactor_.adopt(pair[1], std::make_shared<ws::Session>(services_, std::move(request)));
    return pair[0];
  }
  // Everything that it has to do now.
  bool turn() {
    set_wall_offset(clock_offset_);
    const bool worked = context().poll() > 0;
    set_wall_offset(std::chrono::seconds{0});
    return worked;
  }
  void set_clock_off_by(std::chrono::seconds offset) { clock_offset_ = offset; }
  // What was changed through another node, as the store tells it: soon, and perhaps twice.
  void tell(const chat::Notice& notice, std::chrono::microseconds late) {
    boost::asio::co_spawn(reactor_.executor(), hear(notice, late), boost::asio::detached);
  }
  // As kill -9 would: its sockets are reset, nothing of it is heard any more. It may be destroyed
  // when its context has stopped.
  void die() {
    store_.die();
    relay_.die();
    dead_ = true;
    sweep_.cancel();
    timelines_.stop();
    reactor_.stop();
  }

 private:
  void sweep() {
    sweep_.expires_after(std::chrono::seconds{1});
    sweep_.async_wait([this](boost::system::error_code error) {
      if (error || dead_) return;
      timelines_.sweep(steady_now());
      sweep();
    });
  }

  [[nodiscard]] Task<> hear(chat::Notice notice, std::chrono::microseconds late) {
    co_await sleep(late);
    if (dead_) co_return;
    if (notice.kind == chat::Notice::Kind::member_removed) {
      hub_.end_member(notice.conversation, notice.user, wire::CloseCode::removed);
    } else if (notice.kind == chat::Notice::Kind::account_changed) {
      accounts_.forget(notice.user);
      const bool active = co_await accounts_.is_active(notice.user);
      if (!active) hub_.end_user(notice.user, wire::CloseCode::no_user);
    }
  }

  std::string name_;
  base::Metrics metrics_;
  base::Reactor reactor_{{}};
  NodeRelay relay_;
  NodeStore store_;
  ws::Hub hub_{reactor_, metrics_};
  chat::LogReader logs_{reactor_, store_, relay_, metrics_};
  chat::Timelines timelines_{reactor_, store_,
                             logs_,    relay_,
                             metrics_, [this](const chat::Event& event) { hub_.broadcast(event); }};
  chat::Appender appender_{reactor_, store_,   timelines_,
                           relay_,   metrics_, {.events_max = 1000, .bytes_max = 1 << 20}};
  chat::InProcessThrottle throttle_{metrics_};
  auth::Accounts accounts_;
  ws::SessionMetrics session_metrics_{metrics_};
  ws::SessionServices services_{.reactor = reactor_,
                                .hub = hub_,
                                .timelines = timelines_,
                                .appender = appender_,
                                .store = store_,
                                .throttle = throttle_,
                                .accounts = accounts_,
                                .metrics = session_metrics_,
                                .options = {.message_rate = {}}};
  bool dead_ = false;
  std::chrono::seconds clock_offset_{0};
  Timer sweep_{reactor_.executor()};
};

}  // namespace banter::simulation
