#include "app/backend.hpp"

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "app/config_stores.hpp"
#include "app/signing_key.hpp"
#include "relay/in_process/in_process_relay.hpp"
#include "relay/redis/redis_services.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace banter::app {
namespace {

using namespace std::chrono_literals;
using store::OpenFailure;

// A command waits so long for a database, and looks so often whether it is there.
constexpr auto command_wait_max = 10s;
constexpr auto command_poll = 5ms;

class EmbeddedBackend final : public Backend {
 public:
  EmbeddedBackend(std::unique_ptr<store::SqliteStore> store, base::Metrics& metrics)
      : store_(std::move(store)), throttle_(metrics) {}

  chat::ConversationStore& conversations() override { return *store_; }
  auth::AccountStore& accounts() override { return *store_; }
  chat::Relay& relay() override { return relay_; }
  chat::Throttle& throttle() override { return throttle_; }
  void on_refused(std::function<void(const OpenFailure&)>) override {}

  Task<std::expected<void, std::string>> back_up(std::filesystem::path target) override {
    const auto written = co_await store_->backup(target);
    if (written) co_return std::expected<void, std::string>();
    if (written.error().kind == store::BackupFailure::Kind::exists) {
      co_return std::unexpected(
          fmt::format("{} is there already; choose another name", target.string()));
    }
    co_return std::unexpected(fmt::format("no backup was written: {}", written.error().detail));
  }

 private:
  std::unique_ptr<store::SqliteStore> store_;
  relay::InProcessRelay relay_;
  chat::InProcessThrottle throttle_;
};

// A refusal may come before anybody listens.
class Refusal {
 public:
  void tell(const OpenFailure& failure) {
    std::function<void(const OpenFailure&)> listener;
    {
      const std::scoped_lock lock(mutex_);
      failure_ = failure;
      listener = listener_;
    }
    if (listener) listener(failure);
  }
  void listen(std::function<void(const OpenFailure&)> listener) {
    std::optional<OpenFailure> failure;
    {
      const std::scoped_lock lock(mutex_);
      listener_ = listener;
      failure = failure_;
    }
    if (failure) listener(*failure);
  }
  [[nodiscard]] std::optional<OpenFailure> failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<OpenFailure> failure_;
  std::function<void(const OpenFailure&)> listener_;
};

class SharedBackend final : public Backend {
 public:
  SharedBackend(store::PostgresStore::Options options, std::optional<relay::RedisUrl> redis,
                std::optional<store::DirectoryLock> lock, base::Metrics& metrics)
      : lock_(std::move(lock)),
        store_(listened_to(std::move(options)), metrics),
        own_throttle_(metrics) {
    if (!redis) return;
    redis_.emplace(*std::move(redis), metrics, [this](const std::string& why) {
      refusal_.tell({.kind = OpenFailure::Kind::denied,
                     .detail = "Redis does not let this node in: " + why +
                               "; look at user, password and database in --redis"});
    });
  }

  chat::ConversationStore& conversations() override { return store_; }
  auth::AccountStore& accounts() override { return store_; }
  chat::Relay& relay() override {
    if (redis_) return redis_->relay();
    return own_relay_;
  }
  chat::Throttle& throttle() override {
    if (redis_) return redis_->throttle();
    return own_throttle_;
  }
  void on_refused(std::function<void(const OpenFailure&)> refused) override {
    refusal_.listen(std::move(refused));
  }

  Task<std::expected<void, std::string>> back_up(std::filesystem::path) override {
    co_return std::unexpected(
        std::string("this store is in PostgreSQL: back it up with pg_dump or base backups "
                    "(docs/nodes.md says how)"));
  }

  // For commands, which can do nothing before.
  std::optional<OpenFailure> wait_until_connected() {
    const auto deadline = steady_now() + command_wait_max;
    while (!store_.connected()) {
      if (auto failure = refusal_.failure()) return failure;
      if (steady_now() > deadline) {
        return OpenFailure{.kind = OpenFailure::Kind::failed,
                           .detail = "cannot reach the database: " + store_.last_failure()};
      }
      std::this_thread::sleep_for(command_poll);
    }
    return std::nullopt;
  }

 private:
  store::PostgresStore::Options listened_to(store::PostgresStore::Options options) {
    options.refused = [this](const OpenFailure& failure) { refusal_.tell(failure); };
    return options;
  }

  Refusal refusal_;
  std::optional<store::DirectoryLock> lock_;
  store::PostgresStore store_;
  // Without Redis nodes hear of each other by asking for heads, and count rates each for itself.
  relay::InProcessRelay own_relay_;
  chat::InProcessThrottle own_throttle_;
  std::optional<relay::RedisServices> redis_;
};

std::expected<std::unique_ptr<Backend>, OpenFailure> open_shared(const Config& config,
                                                                 BackendUse use,
                                                                 base::Metrics& metrics) {
  store::PostgresStore::Options options;
  options.url = config.database;
  options.migrate = config.auto_migrate && use == BackendUse::serving;
  options.allow_weak_durability = config.allow_weak_durability || use == BackendUse::administration;
  options.version = BANTER_VERSION;
  std::optional<store::DirectoryLock> lock;
  std::optional<relay::RedisUrl> redis;
  if (use == BackendUse::serving) {
    if (!config.redis.empty()) redis = relay::parse_redis_url(config.redis).value();
    auto locked = store::lock_directory(config.data);
    if (!locked) return std::unexpected(std::move(locked.error()));
    lock.emplace(*std::move(locked));
    options.node = random_node_id();
    options.key_fingerprints = key_fingerprints(config);
  }
  auto backend = std::make_unique<SharedBackend>(std::move(options), std::move(redis),
                                                 std::move(lock), metrics);
  if (use == BackendUse::administration) {
    if (auto failure = backend->wait_until_connected()) return std::unexpected(*std::move(failure));
  }
  return backend;
}

}  // namespace

std::expected<std::unique_ptr<Backend>, OpenFailure> open_backend(const Config& config,
                                                                  BackendUse use,
                                                                  base::Metrics& metrics) {
  if (names_postgres(config.database)) return open_shared(config, use, metrics);
  auto store = store::SqliteStore::open({.data_dir = config.data,
                                         .create = use == BackendUse::serving,
                                         .migrate = config.auto_migrate},
                                        metrics);
  if (!store) return std::unexpected(std::move(store.error()));
  return std::make_unique<EmbeddedBackend>(*std::move(store), metrics);
}

}  // namespace banter::app
