// Node: everything that lives on one reactor, wired together: its timelines, append queue, hub and
// HTTP, and the thread that runs them. Owned by the server; the parts stand in start order, so that
// destruction is stop order.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "app/config.hpp"
#include "auth/accounts.hpp"
#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "chat/append.hpp"
#include "chat/conversations.hpp"
#include "chat/log_reader.hpp"
#include "chat/ports.hpp"
#include "chat/throttle.hpp"
#include "chat/timelines.hpp"
#include "http/connections.hpp"
#include "http/exchange.hpp"
#include "http/health.hpp"
#include "http/metrics.hpp"
#include "ws/hub.hpp"
#include "ws/session.hpp"

namespace banter::app {

// What all nodes share; outlives them.
struct NodeServices {
  chat::ConversationStore& store;
  chat::Relay& relay;
  chat::Throttle& throttle;
  auth::Accounts& accounts;
  base::Metrics& metrics;
  http::Metrics& http_metrics;
  ws::SessionMetrics& session_metrics;
  const http::Options& http_options;
  ws::SessionOptions session_options;
};

class Node final : public chat::NoticeListener {
 public:
  Node(std::size_t number, std::size_t nodes, const NodeServices& services);
  ~Node() override;

  // Once all nodes exist: each learns of the others. Then run.
  void set_peers(const std::vector<std::unique_ptr<Node>>& nodes);
  void start();

  // Ends sockets and connections; from any thread. drained() becomes true when all are gone.
  void drain();
  [[nodiscard]] bool drained() const { return drained_; }

  // What is still open is closed without a word; the thread ends when its coroutines have. join()
  // waits for that.
  void stop();
  void join();
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] base::Reactor& reactor() { return reactor_; }
  [[nodiscard]] http::Connections& connections() { return connections_; }

  // The store's epoch is another one: whatever was read in the old one is dropped, and sockets end
  // in a way that brings them back. From any thread; done is called when that has happened.
  void renew(std::function<void()> done);

  void on_notice(const chat::Notice& notice) override;

 private:
  void take_over(base::Stream& stream, http::UpgradeRequest request);
  Task<> end_if_inactive(UserId user);
  void keep_house();
  void await_drained();

  NodeServices services_;
  base::Reactor reactor_;
  ws::Hub hub_;
  chat::LogReader logs_;
  chat::Timelines timelines_;
  chat::Appender appender_;
  chat::Conversations conversations_;
  ws::SessionServices session_services_;
  http::Health health_;
  http::Connections connections_;
  bool stopping_ = false;  // on the reactor
  Timer house_timer_;
  Timer drain_timer_;
  prometheus::Gauge& outbox_bytes_;  // of all nodes together
  double outbox_bytes_told_ = 0;     // of this one
  std::vector<Node*> peers_;
  std::atomic<bool> drained_ = false;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace banter::app
