#include "app/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/admin_service.hpp"
#include "app/admin_socket.hpp"
#include "app/backend.hpp"
#include "app/config_words.hpp"
#include "app/defective_backend.hpp"
#include "app/node.hpp"
#include "base/assert.hpp"
#include "base/clock.hpp"
#include "base/defect.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "http/listener.hpp"
#include "http/process_metrics.hpp"

namespace banter::app {

using namespace std::chrono_literals;

namespace {

// SIGTERM promises an end within 5 s (docs/operations.md); what is not done by then is cut off,
// which costs no stored message.
constexpr auto drain_time_max = 4s;
constexpr auto stop_time_max = 500ms;
constexpr auto drained_look_interval = 10ms;
constexpr auto store_wait_max = 5s;  // longer than most commands, and than a server's end
constexpr auto store_look_interval = 50ms;
constexpr std::size_t password_queue_max = 64;  // about two seconds of hashing on one core

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warn("descriptor_limit_unchanged");
}

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

http::Options http_options(const Config& config) {
  http::TrustedProxies proxies;
  for (const auto& network : config.trusted_proxies) {
    ASSERT(proxies.add(network), "app/config has checked the networks");
  }
  const Throttles& throttles = config.throttles;
  return {.allowed_hosts = http::AllowedHosts(config.allowed_hosts),
          .allowed_origins = config.allowed_origins,
          .trusted_proxies = std::move(proxies),
          .rates = {.signup = throttles.signup,
                    .login = throttles.login,
                    .login_failures = throttles.login_failures,
                    .account_failures = throttles.account_failures,
                    .conversations = throttles.conversations,
                    .messages_read = throttles.messages_read,
                    .anonymous = throttles.anonymous,
                    .authenticated = throttles.authenticated},
          .head_bytes_max = config.limits.head_bytes_max,
          .body_bytes_max = config.limits.body_bytes_max,
          .members_max = config.limits.members_max,
          .history_max = config.limits.history_max,
          .access_log = config.access_log};
}

// Members in start order: destruction is stop order.
class Server {
 public:
  Server(const Config& config, base::Metrics& metrics, std::unique_ptr<Backend> backend)
      : metrics_(metrics),
        backend_(std::move(backend)),
        passwords_({.name = "passwords",
                    .threads = config.password_threads > 0 ? config.password_threads
                                                           : std::max<std::size_t>(1, cores() / 2),
                    .queue_max = password_queue_max}),
        accounts_(backend_->accounts(), passwords_,
                  auth::Tokens({.key = config.secret_key,
                                .previous_keys = config.previous_keys,
                                .access_lifetime = config.access_lifetime,
                                .refresh_lifetime = config.refresh_lifetime}),
                  metrics_),
        http_metrics_(metrics_),
        session_metrics_(metrics_),
        http_options_(http_options(config)),
        nodes_(make_nodes(config)),
        admin_service_({.account_store = backend_->accounts(),
                        .conversation_store = backend_->conversations(),
                        .accounts = accounts_,
                        .notify = [this](const auto& notice) { backend_->relay().notify(notice); },
                        .backup = [this](auto file) { return backend_->back_up(file); }}),
        admin_socket_(nodes_.front()->reactor().executor(), admin_service_,
                      {.path = admin_socket_path(config.data)}),
        listener_(nodes_.front()->reactor(),
                  {.host = config.listen.host,
                   .port = config.listen.port,
                   .connections_max = config.connections_max},
                  connections(), http_metrics_) {}

  // The exit status.
  int run() {
    backend_->on_refused([this](const store::OpenFailure& failure) {
      log::error("store_refused", {{"reason", failure.detail}});
      boost::asio::post(signal_context_, [this] { refused_ = true; });
    });
    backend_->conversations().on_new_epoch(
        [this](std::string epoch, auto resume) { renew(std::move(epoch), std::move(resume)); });
    const auto epoch = backend_->conversations().epoch();
    if (!epoch.empty()) backend_->relay().set_epoch(epoch);
    listener_.start();
    for (auto& node : nodes_) node->start();
    // Scripts wait for this line, whatever the level of the log is.
    log::write(log::Level::info, "listening",
               {{"addr", listener_.address()}, {"port", listener_.port()}});
    await_end();
    stop();
    return refused_ ? 2 : 0;
  }

 private:
  // Each node drops what it knows of the old epoch; then the store goes on, in the new one.
  void renew(std::string epoch, std::function<void()> resume) {
    auto left = std::make_shared<std::atomic<std::size_t>>(nodes_.size());
    for (auto& node : nodes_) {
      node->renew([this, left, epoch, resume] {
        if (--*left > 0) return;
        backend_->relay().set_epoch(epoch);
        resume();
      });
    }
  }

  std::vector<std::unique_ptr<Node>> make_nodes(const Config& config) {
    const std::size_t count = config.reactors > 0 ? config.reactors : cores();
    const NodeServices services{
        .store = backend_->conversations(),
        .relay = backend_->relay(),
        .throttle = backend_->throttle(),
        .accounts = accounts_,
        .metrics = metrics_,
        .http_metrics = http_metrics_,
        .session_metrics = session_metrics_,
        .http_options = http_options_,
        .session_options = {.message_rate = config.message_rate,
                            .text_bytes_max = config.limits.text_bytes_max}};
    std::vector<std::unique_ptr<Node>> nodes;
    for (std::size_t i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<Node>(i, count, services));
    }
    for (auto& node : nodes) node->set_peers(nodes);
    return nodes;
  }

  std::vector<http::Connections*> connections() {
    std::vector<http::Connections*> all;
    for (auto& node : nodes_) all.push_back(&node->connections());
    return all;
  }

  // A signal, or a store that refuses to be served from.
  void await_end() {
    bool stopping = false;
    signals_.async_wait([&stopping](boost::system::error_code, int number) {
      stopping = true;
      log::info("stopping", {{"signal", number}});
    });
    while (!stopping && !refused_) signal_context_.run_one();
    if (refused_) signals_.cancel();
    signal_context_.poll();
    // A second one ends the process at once: nothing acknowledged is lost by that.
    signals_.async_wait([](boost::system::error_code error, int) {
      if (!error) std::_Exit(EXIT_FAILURE);
    });
  }

  void stop() {
    nodes_.front()->reactor().post([this] {
      listener_.stop();
      admin_socket_.stop();
    });
    for (auto& node : nodes_) node->drain();
    const bool drained = wait_for(drain_time_max, [this] {
      return admin_socket_.idle() &&
             std::ranges::all_of(nodes_, [](const auto& node) { return node->drained(); });
    });
    if (!drained) log::warn("drain_incomplete");
    for (auto& node : nodes_) node->stop();
    const bool stopped = wait_for(stop_time_max, [this] {
      return std::ranges::all_of(nodes_, [](const auto& node) { return node->stopped(); });
    });
    // A backup at work would come back to a reactor that is gone.
    if (!stopped || !admin_socket_.idle()) {
      log::warn("stop_incomplete");
      log::stop();
      std::_Exit(EXIT_SUCCESS);
    }
    for (auto& node : nodes_) node->join();
    backend_.reset();
    log::info("stopped");
  }

  template <class Condition>
  bool wait_for(std::chrono::milliseconds longest, Condition condition) {
    const SteadyTime until = steady_now() + longest;
    while (!condition()) {
      if (steady_now() >= until) return false;
      signal_context_.restart();
      signal_context_.run_for(drained_look_interval);
    }
    return true;
  }

  base::Metrics& metrics_;
  std::unique_ptr<Backend> backend_;
  base::WorkerPool passwords_;
  auth::Accounts accounts_;
  http::Metrics http_metrics_;
  ws::SessionMetrics session_metrics_;
  http::Options http_options_;
  std::vector<std::unique_ptr<Node>> nodes_;
  // What still comes from the backend's threads goes to reactors that are there.
  struct EndOfBackend {
    std::unique_ptr<Backend>& backend;
    ~EndOfBackend() { backend.reset(); }
  } end_of_backend_{backend_};
  AdminService admin_service_;
  AdminSocket admin_socket_;
  http::Listener listener_;
  bool refused_ = false;  // on signal_context_
  boost::asio::io_context signal_context_{1};
  boost::asio::signal_set signals_{signal_context_, SIGTERM, SIGINT};
};

// Names only: the values may be secrets.
void tell_unused_variables(const Config& config) {
  if (!config.unused_variables.empty()) {
    log::info("variables_unused", {{"names", joined(config.unused_variables)}});
  }
  if (!config.unknown_variables.empty()) {
    log::warn("variables_unknown", {{"names", joined(config.unknown_variables)}});
  }
}

int status_of(const store::OpenFailure& failure) {
  using Kind = store::OpenFailure::Kind;
  return failure.kind == Kind::failed || failure.kind == Kind::locked ? 3 : 2;
}

// Whoever has the store may be about to leave it: an administrator's command while no server ran,
// or the server before this one.
std::expected<std::unique_ptr<Backend>, store::OpenFailure> open_when_free(const Config& config,
                                                                           base::Metrics& metrics) {
  const auto deadline = steady_now() + store_wait_max;
  bool told = false;
  while (true) {
    auto backend = open_backend(config, BackendUse::serving, metrics);
    const bool taken = !backend && backend.error().kind == store::OpenFailure::Kind::locked;
    if (!taken || steady_now() > deadline) return backend;
    if (!std::exchange(told, true)) log::info("store_in_use", {{"data", config.data.string()}});
    std::this_thread::sleep_for(store_look_interval);
  }
}

}  // namespace

int serve(const Config& config) {
  log::start(config.log_level, config.log_format);
  tell_unused_variables(config);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  base::Metrics metrics;
  http::add_process_metrics(metrics);
  auto backend = open_when_free(config, metrics);
  if (!backend) {
    log::error("store_not_opened", {{"reason", backend.error().detail}});
    log::stop();
    return status_of(backend.error());
  }
  if constexpr (defects_built) *backend = with_defect(*std::move(backend), config);
  int status = 0;
  try {
    Server server(config, metrics, *std::move(backend));
    status = server.run();
  } catch (const boost::system::system_error& failure) {
    log::error("not_started", {{"reason", failure.what()}});
    status = 3;
  }
  log::stop();
  return status;
}

}  // namespace banter::app
