// A node without sockets to the outside: one reactor, the store in memory, and clients that are the
// other ends of socket pairs. Everything runs on the test's thread.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client_frame.hpp"
#include "relay/in_process/in_process_relay.hpp"
#include "store/memory/memory_store.hpp"
#include "ws/hub.hpp"
#include "ws/session.hpp"

namespace banter::ws {

struct Frame {
  int opcode = 0;
  std::string payload;
  [[nodiscard]] std::uint16_t close_code() const {
    return payload.size() < 2
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                            static_cast<std::uint8_t>(payload[1]));
  }
};

class World {
 public:
  explicit World(store::MemoryStore::Options options = {}, chat::Rate message_rate = {})
      : store(std::move(options)), services_(make_services(message_rate)) {
    for (int i = 1; i <= 3; ++i) {
      (void)run(store.create_account({.email = std::to_string(i) + "@example.com",
                                      .first_name = {},
                                      .last_name = {},
                                      .password_hash = {}}));
    }
    room = *run(store.create_conversation(UserId{1}, {UserId{2}}));
  }

  ~World() {
    reactor.stop();
    reactor.context().run();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Turns until the condition holds; a test that waits for what never comes fails after two seconds
  // of silence.
  void until(const std::function<bool()>& condition) {
    while (!condition()) {
      if (reactor.context().run_one_for(std::chrono::seconds(2)) == 0) {
        FAIL() << "nothing happens any more";
      }
    }
  }
  template <class T>
  T run(Task<T> task) {
    auto result =
        boost::asio::co_spawn(reactor.executor(), std::move(task), boost::asio::use_future);
    until([&] { return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return result.get();
  }
  // Everything that can happen without waiting happens.
  void settle() {
    while (reactor.context().poll_one() > 0) {
    }
  }
  void store_messages(int count, const std::string& text = "m") {
    for (int i = 0; i < count; ++i) store_event(text + std::to_string(i + 1));
  }
  void store_event(const std::string& text, chat::EventKind kind = chat::EventKind::message) {
    const chat::PendingEvent event{
        .conversation = room, .author = UserId{1}, .kind = kind, .payload = text, .client_id = {}};
    (void)run(store.append(std::span(&event, 1)));
  }

  base::Metrics metrics;
  base::Reactor reactor{{}};
  store::MemoryStore store;
  relay::InProcessRelay relay;
  ConversationId room;
  Hub hub{reactor, metrics};
  chat::LogReader logs{reactor, store, relay, metrics};
  chat::Timelines timelines{reactor, store,
                            logs,    relay,
                            metrics, [this](const chat::Event& event) { hub.broadcast(event); }};
  chat::Appender appender{reactor, store,   timelines,
                          relay,   metrics, {.events_max = 1000, .bytes_max = 1 << 20}};
  chat::InProcessThrottle throttle{metrics};
  base::WorkerPool passwords{{.name = "passwords", .threads = 1}};
  auth::Accounts accounts{
      store, passwords, auth::Tokens({.key = std::string(32, 'k'), .previous_keys = {}}), metrics};
  SessionMetrics session_metrics{metrics};

  [[nodiscard]] SessionServices& services() { return services_; }

 private:
  SessionServices make_services(chat::Rate message_rate) {
    return {.reactor = reactor,
            .hub = hub,
            .timelines = timelines,
            .appender = appender,
            .store = store,
            .throttle = throttle,
            .accounts = accounts,
            .metrics = session_metrics,
            .options = {.message_rate = message_rate}};
  }
  SessionServices services_;
};

struct Joining {
  UserId user{1};
  std::optional<Seq> since{};
  bool latest = false;
  std::string epoch{};
  std::int64_t token_lives = 3600;  // seconds
};

class Client {
 public:
  Client(World& world, const Joining& joining) : world_(world) {
    int pair[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    socket_ = pair[0];
    http::UpgradeRequest request;
    request.conversation = world.room;
    request.identity = {.user = joining.user,
                        .token_expires_at = wall_now().unix_seconds() + joining.token_lives};
    request.since = joining.since;
    request.since_latest = joining.latest;
    request.epoch = joining.epoch;
    request.head_101 = "HEAD";
    world.reactor.adopt(pair[1], std::make_shared<Session>(world.services(), std::move(request)));
    world.until([&] { return receive() && input_.size() >= 4; });
    EXPECT_EQ(input_.substr(0, 4), "HEAD");
    input_.erase(0, 4);
  }
  ~Client() { leave(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void leave() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void send_raw(const std::string& bytes) {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void send(const std::string& payload, int opcode = 1) { send_raw(client_frame(payload, opcode)); }
  void say(const std::string& text, const std::string& client_id = {}) {
    send(client_id.empty() ? R"({"text": ")" + text + R"("})"
                           : R"({"text": ")" + text + R"(", "client_id": ")" + client_id + R"("})");
  }

  // The next frame, once it is there.
  Frame next() {
    Frame frame;
    world_.until([&] { return (receive(), parse(frame)); });
    return frame;
  }
  std::string text() {
    const Frame frame = next();
    EXPECT_EQ(frame.opcode, 1) << frame.payload;
    return frame.payload;
  }
  std::uint16_t close_code() {
    const Frame frame = next();
    EXPECT_EQ(frame.opcode, 8) << frame.payload;
    return frame.close_code();
  }
  // Nothing is there and nothing is on its way.
  bool silent() {
    world_.settle();
    receive();
    return input_.empty();
  }
  bool ended() {
    world_.settle();
    receive();
    return end_;
  }

 private:
  bool receive() {
    char buffer[65536];
    for (;;) {
      const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
      if (got == 0) end_ = true;
      if (got <= 0) return true;
      input_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  bool parse(Frame& frame) {
    if (input_.size() < 2) return false;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(input_[i]); };
    std::size_t length = byte(1);
    std::size_t head = 2;
    if (length == 126) {
      if (input_.size() < 4) return false;
      length = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
      head = 4;
    } else if (length == 127) {
      if (input_.size() < 10) return false;
      length = 0;
      for (std::size_t i = 2; i < 10; ++i) length = length << 8 | byte(i);
      head = 10;
    }
    if (input_.size() < head + length) return false;
    frame = {.opcode = byte(0) & 0x0F, .payload = input_.substr(head, length)};
    input_.erase(0, head + length);
    return true;
  }

  World& world_;
  int socket_ = -1;
  std::string input_;
  bool end_ = false;
};

}  // namespace banter::ws
