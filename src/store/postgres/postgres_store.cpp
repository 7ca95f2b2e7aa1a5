#include "store/postgres/postgres_store.hpp"

#include <array>
#include <utility>

#include "base/log.hpp"
#include "store/postgres/migrate.hpp"
#include "store/postgres/notices.hpp"
#include "store/postgres/pool.hpp"
#include "store/postgres/startup.hpp"

namespace banter::store {

using namespace std::chrono_literals;

namespace {

constexpr auto enter_interval = 5s;  // a node that was not seen for 15 s is taken for gone

// Tells the others that this node is there, now and then, and this node what the others changed.
class Watch {
 public:
  Watch(postgres::Notices& notices, postgres::StartOptions node)
      : notices_(notices), node_(std::move(node)) {}

  Task<bool> look(postgres::Connection& connection) {
    if (!co_await notices_.look(connection)) co_return false;
    if (node_.key_fingerprints.empty() || steady_now() - entered_at_ < enter_interval) {
      co_return true;
    }
    entered_at_ = steady_now();
    const auto entered =
        co_await connection.ask(postgres::enter_statement, postgres::enter_params(node_));
    co_return !entered.failure;
  }

 private:
  postgres::Notices& notices_;
  postgres::StartOptions node_;
  SteadyTime entered_at_{};
};

}  // namespace

// In the order of AppendStatus.
struct PostgresStore::Appends {
  explicit Appends(base::Metrics& metrics) {
    for (std::size_t i = 0; i < counters.size(); ++i) {
      counters[i] = &metrics.counter("banter_store_appends_total",
                                     "Events given to append, by what became of them",
                                     {{"result", names[i]}});
    }
  }
  static constexpr std::array<const char*, 5> names{"stored", "duplicate", "conflict", "forbidden",
                                                    "unknown"};
  std::array<prometheus::Counter*, names.size()> counters{};
};

PostgresStore::PostgresStore(Options options, base::Metrics& metrics)
    : appends_(std::make_unique<Appends>(metrics)),
      notices_(std::make_unique<postgres::Notices>()) {
  postgres::StartOptions start{.url = std::move(options.url),
                               .migrate = options.migrate,
                               .node = std::move(options.node),
                               .version = std::move(options.version),
                               .key_fingerprints = std::move(options.key_fingerprints)};
  auto watch = std::make_shared<Watch>(*notices_, start);
  pool_ = std::make_unique<postgres::Pool>(
      postgres::Pool::Options{
          .start = std::move(start),
          .allow_weak_durability = options.allow_weak_durability,
          .refused = std::move(options.refused),
          .watch = [watch](postgres::Connection& connection) { return watch->look(connection); }},
      metrics);
  pool_->start();
}

PostgresStore::~PostgresStore() = default;

std::expected<int, OpenFailure> PostgresStore::migrate(const std::string& url) {
  return postgres::migrate(url);
}

Task<std::vector<chat::AppendResult>> PostgresStore::append(
    std::span<const chat::PendingEvent> batch) {
  if (batch.empty()) co_return std::vector<chat::AppendResult>{};
  auto results = co_await pool_->append(batch);
  for (const auto& result : results) {
    appends_->counters[static_cast<std::size_t>(result.status)]->Increment();
  }
  co_return results;
}

std::string PostgresStore::epoch() const { return pool_->epoch(); }
void PostgresStore::on_new_epoch(Renew renew) { pool_->on_new_epoch(std::move(renew)); }
void PostgresStore::listen(Executor reactor, chat::NoticeListener& listener) {
  notices_->listen(reactor, listener);
}
bool PostgresStore::connected() const { return pool_->healthy(); }
std::string PostgresStore::last_failure() const { return pool_->last_failure(); }
Task<bool> PostgresStore::healthy() { co_return pool_->healthy(); }
chat::Durability PostgresStore::durability() const { return pool_->durability(); }

}  // namespace banter::store
