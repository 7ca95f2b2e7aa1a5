// The stores that pass the suites.
#include <thread>

#include "base/metrics.hpp"
#include "contract/store_contract.hpp"
#include "contract/temporary_directory.hpp"
#include "shared_servers.hpp"
#include "store/memory/memory_store.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace banter::contract {
namespace {

StoreUnderTest memory() {
  auto store = std::make_shared<store::MemoryStore>();
  return {.conversations = store.get(), .accounts = store.get(), .reopen = {}, .owner = store};
}

struct Sqlite {
  store::TailLimits tail;
  TemporaryDirectory directory;
  std::unique_ptr<base::Metrics> metrics;
  std::unique_ptr<store::SqliteStore> store;

  void open(StoreUnderTest& under_test) {
    store.reset();
    metrics = std::make_unique<base::Metrics>();
    auto opened = store::SqliteStore::open(
        {.data_dir = directory.path() / "data", .writer = {.tail = tail}}, *metrics);
    if (!opened) throw std::runtime_error(opened.error().detail);
    store = std::move(*opened);
    under_test.conversations = store.get();
    under_test.accounts = store.get();
  }
};

StoreUnderTest sqlite_with(store::TailLimits tail) {
  auto owner = std::make_shared<Sqlite>();
  owner->tail = tail;
  StoreUnderTest under_test;
  owner->open(under_test);
  under_test.reopen = [owner](StoreUnderTest& again) { owner->open(again); };
  under_test.owner = owner;
  return under_test;
}

StoreUnderTest sqlite() { return sqlite_with({}); }
// Every commit moves events to their places and deletes what was moved, so each test meets both.
StoreUnderTest sqlite_settling() { return sqlite_with({.events = 1}); }

struct Postgres {
  std::string url;
  std::unique_ptr<base::Metrics> metrics;
  std::unique_ptr<store::PostgresStore> store;

  void open(StoreUnderTest& under_test) {
    store.reset();
    metrics = std::make_unique<base::Metrics>();
    store = std::make_unique<store::PostgresStore>(
        store::PostgresStore::Options{.url = url, .migrate = false}, *metrics);
    while (!store->connected()) {
      if (!shared_postgres().process().running()) throw std::runtime_error("it ended");
      std::this_thread::yield();
    }
    under_test.conversations = store.get();
    under_test.accounts = store.get();
  }
};

// The tables are made by another role, and the store's has no more rights than it needs.
std::string empty_template(verify::PostgresServer& server) {
  const auto url = server.make_database();
  const auto migrated = store::PostgresStore::migrate(url);
  if (!migrated) throw std::runtime_error(migrated.error().detail);
  const auto name = verify::database_in(url);
  server.query(name,
               "CREATE ROLE node LOGIN; GRANT USAGE ON SCHEMA banter TO node;"
               "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA banter TO node");
  return name;
}

StoreUnderTest postgres() {
  auto& server = shared_postgres();
  static const std::string ready = empty_template(server);
  auto owner = std::make_shared<Postgres>();
  owner->url = server.url(verify::database_in(server.make_database(ready)), "node");
  StoreUnderTest under_test;
  owner->open(under_test);
  under_test.reopen = [owner](StoreUnderTest& again) { owner->open(again); };
  under_test.owner = owner;
  return under_test;
}

}  // namespace

std::vector<Implementation> all_stores() {
  return {{"memory", memory},
          {"sqlite", sqlite},
          {"sqlite_settling", sqlite_settling},
          {"postgres", postgres}};
}
std::vector<Implementation> durable_stores() {
  return {{"sqlite", sqlite}, {"sqlite_settling", sqlite_settling}, {"postgres", postgres}};
}

}  // namespace banter::contract
