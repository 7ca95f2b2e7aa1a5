// PostgresStore's own behaviour, against a real server: what happens when that is not there, or not
// as it should be. What every store does is in the contract suites.
#include "store/postgres/postgres_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "base/unavailable.hpp"
#include "contract/reactors.hpp"
#include "shared_servers.hpp"

namespace banter::store {
namespace {

using contract::await;
using contract::Reactors;
using testing::HasSubstr;
using verify::PostgresServer;

// A store and what it said when it was refused.
struct Opened {
  explicit Opened(PostgresStore::Options options) {
    options.refused = [this](const OpenFailure& failure) { refusal.set_value(failure); };
    store = std::make_unique<PostgresStore>(std::move(options), metrics);
  }
  void wait_connected() const {
    while (!store->connected()) std::this_thread::yield();
  }
  base::Metrics metrics;
  std::promise<OpenFailure> refusal;
  std::unique_ptr<PostgresStore> store;
};

OpenFailure refusal_of(PostgresStore::Options options) {
  Opened opened(std::move(options));
  return opened.refusal.get_future().get();
}

PostgresStore::Options node(const std::string& url, const std::string& name,
                            std::vector<std::string> keys = {"k1"}) {
  PostgresStore::Options options;
  options.url = url;
  options.node = name;
  options.version = "test";
  options.key_fingerprints = std::move(keys);
  return options;
}

struct Talk {
  explicit Talk(PostgresStore& store)
      : user(await(store.create_account(
                       {.email = "a@x", .first_name = "", .last_name = "", .password_hash = ""}))
                 .value()),
        id(await(store.create_conversation(user, {})).value()) {}
  [[nodiscard]] chat::PendingEvent send(const std::string& text, bool named = true) const {
    return {.conversation = id, .author = user, .payload = text, .client_id = named ? text : ""};
  }
  UserId user;
  ConversationId id;
};

chat::AppendResult append(PostgresStore& store, const chat::PendingEvent& event) {
  const std::vector batch{event};
  return await(store.append(batch)).at(0);
}

TEST(PostgresStore, SeveralThatStartAtOnceMigrateOnce) {
  const auto url = shared_postgres().make_database();
  std::vector<std::unique_ptr<Opened>> all;
  for (int i = 0; i < 4; ++i) all.push_back(std::make_unique<Opened>(node(url, std::to_string(i))));
  for (const auto& each : all) each->wait_connected();
  EXPECT_EQ(
      shared_postgres().query(verify::database_in(url), "SELECT count(*) FROM banter.migrations"),
      "1\n");
  for (const auto& each : all) EXPECT_EQ(each->store->epoch(), all[0]->store->epoch());
}

TEST(PostgresStore, IsRefusedWhatTryingAgainCannotMend) {
  auto& server = shared_postgres();
  const auto empty = server.make_database();
  EXPECT_THAT(refusal_of({.url = server.url("nowhere")}).detail, HasSubstr("nowhere"));
  EXPECT_EQ(refusal_of({.url = server.url("postgres", "nobody")}).kind, OpenFailure::Kind::denied);
  EXPECT_EQ(refusal_of({.url = empty, .migrate = false}).kind, OpenFailure::Kind::needs_migrate);
  server.query("postgres", "CREATE ROLE guest LOGIN");
  EXPECT_THAT(refusal_of({.url = server.url(verify::database_in(empty), "guest")}).detail,
              HasSubstr("rights"));
}

TEST(PostgresStore, IsRefusedWithoutASigningKeyInCommon) {
  const auto url = shared_postgres().make_database();
  Opened first(node(url, "one", {"k1"}));
  first.wait_connected();
  EXPECT_THAT(refusal_of(node(url, "two", {"k2"})).detail, HasSubstr("BANTER_SECRET_KEY"));
  Opened rotating(node(url, "three", {"k2", "k1"}));
  rotating.wait_connected();
  first.store.reset();  // it says that it goes
  rotating.store.reset();
  Opened other(node(url, "four", {"k3"}));
  other.wait_connected();
}

TEST(PostgresStore, IsRefusedAWeakDatabaseUnlessThatIsAllowed) {
  PostgresServer weak({"fsync=off"});
  const auto url = weak.make_database();
  EXPECT_THAT(refusal_of({.url = url}).detail, HasSubstr("fsync"));
  Opened allowed({.url = url, .allow_weak_durability = true});
  allowed.wait_connected();
  EXPECT_EQ(allowed.store->durability(), chat::Durability::weak);
}

TEST(PostgresStore, WaitsForADatabaseThatIsAway) {
  PostgresServer server;
  const auto url = server.make_database();
  server.stop();
  Opened opened({.url = url});
  while (opened.store->last_failure().empty()) std::this_thread::yield();
  EXPECT_FALSE(await(opened.store->healthy()));
  EXPECT_THROW(await(opened.store->find_account(UserId{1})), Unavailable);
  server.start();
  opened.wait_connected();
  EXPECT_EQ(opened.store->durability(), chat::Durability::single);
}

class Listener final : public chat::NoticeListener {
 public:
  void on_notice(const chat::Notice& notice) override {
    const std::scoped_lock lock(mutex_);
    notices_.push_back(notice);
  }
  // Waits until there is a notice of the kind.
  chat::Notice next(chat::Notice::Kind kind) {
    for (;;) {
      {
        const std::scoped_lock lock(mutex_);
        for (const auto& notice : notices_) {
          if (notice.kind == kind) return notice;
        }
      }
      std::this_thread::yield();
    }
  }

 private:
  std::mutex mutex_;
  std::vector<chat::Notice> notices_;
};

TEST(PostgresStore, TellsWhatOthersChanged) {
  using Kind = chat::Notice::Kind;
  const auto url = shared_postgres().make_database();
  boost::asio::io_context reactor(1);
  auto guard = boost::asio::make_work_guard(reactor);
  std::thread thread([&reactor] { reactor.run(); });
  Listener listener;
  {
    Opened one({.url = url});
    Opened two({.url = url});
    two.store->listen(reactor.get_executor(), listener);
    one.wait_connected();
    two.wait_connected();
    const Talk talk(*one.store);
    EXPECT_TRUE(await(one.store->set_active(talk.user, false)));
    EXPECT_EQ(listener.next(Kind::account_changed).user, talk.user);
    EXPECT_EQ(await(one.store->remove_member(talk.id, talk.user)),
              chat::ConversationStore::MemberChange::done);
    EXPECT_EQ(listener.next(Kind::member_removed).conversation, talk.id);
  }
  guard.reset();
  thread.join();
}

TEST(PostgresStore, AnnouncesAnotherEpochAndServesNothingUntilToldTo) {
  auto& server = shared_postgres();
  const auto url = server.make_database();
  Opened opened({.url = url});
  opened.wait_connected();
  const auto before = opened.store->epoch();
  std::promise<std::pair<std::string, std::function<void()>>> announced;
  opened.store->on_new_epoch([&](std::string epoch, std::function<void()> resume) {
    announced.set_value({std::move(epoch), std::move(resume)});
  });
  // As a restore does: the tables are made anew, and meta comes with what it was.
  const auto name = verify::database_in(url);
  server.query(name,
               "BEGIN; ALTER TABLE banter.events RENAME TO old; CREATE TABLE banter.events (LIKE "
               "banter.old INCLUDING ALL); DROP TABLE banter.old; COMMIT");
  const auto [epoch, resume] = announced.get_future().get();
  EXPECT_NE(epoch, before);
  EXPECT_EQ(opened.store->epoch(), before) << "until resume";
  EXPECT_THROW(await(opened.store->find_account(UserId{1})), Unavailable);
  resume();
  opened.wait_connected();
  EXPECT_EQ(opened.store->epoch(), epoch);
  EXPECT_FALSE(await(opened.store->find_account(UserId{1})));
  Opened other({.url = url});
  other.wait_connected();
  EXPECT_EQ(other.store->epoch(), epoch) << "it is one for all";
}

Task<std::vector<chat::AppendResult>> append_many(PostgresStore& store, const Talk& talk,
                                                  std::string name, std::atomic<bool>& stop) {
  std::vector<chat::AppendResult> answers;
  for (int i = 0; !stop; ++i) {
    const std::vector batch{talk.send(name + std::to_string(i))};
    for (;;) {
      chat::AppendResult result{.status = chat::AppendStatus::unknown, .seq = {}, .at = {}};
      try {
        result = (co_await store.append(batch)).at(0);
      } catch (const Unavailable&) {
      }
      if (result.status != chat::AppendStatus::unknown) {
        answers.push_back(result);
        break;
      }
    }
  }
  co_return answers;
}

TEST(PostgresStore, LosesAndDoublesNothingWhenItsConnectionsAreKilledAgainAndAgain) {
  PostgresServer server;
  const auto url = server.make_database();
  Opened opened({.url = url});
  opened.wait_connected();
  const Talk talk(*opened.store);
  std::atomic<bool> stop = false;
  Reactors threads(4);
  std::vector<std::future<std::vector<chat::AppendResult>>> running;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    running.push_back(threads.spawn(
        i, append_many(*opened.store, talk, std::string(1, static_cast<char>('a' + i)), stop)));
  }
  const auto name = verify::database_in(url);
  const auto head = [&] {
    return std::stoll(server.query(name, "SELECT last_seq FROM banter.conversations"));
  };
  for (int round = 0; round < 5; ++round) {
    const auto reached = head();
    while (head() < reached + 20) std::this_thread::yield();
    server.query(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
  }
  server.process().kill();
  server.start();
  while (!opened.store->connected()) std::this_thread::yield();
  stop = true;
  std::set<std::int64_t> seqs;
  std::size_t answers = 0;
  for (auto& each : running) {
    for (const auto& result : each.get()) {
      seqs.insert(result.seq.value);
      ++answers;
    }
  }
  EXPECT_EQ(seqs.size(), answers) << "no two sends have one place";
  EXPECT_EQ(static_cast<std::size_t>(head()), answers) << "nothing else was stored";
  EXPECT_EQ(*seqs.rbegin(), head());
}

TEST(PostgresStore, AnswersWithinItsTimeWhenTheDatabaseIsFrozen) {
  PostgresServer server;
  Opened opened({.url = server.make_database()});
  opened.wait_connected();
  const Talk talk(*opened.store);
  server.process().pause();
  const auto begun = steady_now();
  EXPECT_EQ(append(*opened.store, talk.send("into the void")).status, chat::AppendStatus::unknown);
  EXPECT_LT(steady_now() - begun, std::chrono::seconds(4));
  server.process().resume();
  opened.wait_connected();
  EXPECT_EQ(append(*opened.store, talk.send("into the void")).seq, Seq{1});
}

// A wait for a standby that somebody cancels leaves the row visible and unreplicated.
TEST(PostgresStore, TakesACancelledWaitForAStandbyForNoCommit) {
  PostgresServer server;
  const auto url = server.make_database();
  Opened opened({.url = url});
  opened.wait_connected();
  const Talk talk(*opened.store);
  server.query("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server.query("postgres", "SELECT pg_reload_conf()");
  std::atomic<bool> answered = false;
  Reactors threads(1);
  auto running = threads.spawn(0,
                               [](PostgresStore& store, const Talk& in,
                                  std::atomic<bool>& done) -> Task<chat::AppendStatus> {
                                 const std::vector batch{in.send("unsafe")};
                                 const auto results = co_await store.append(batch);
                                 done = true;
                                 co_return results.at(0).status;
                               }(*opened.store, talk, answered));
  while (!answered) {
    server.query(
        "postgres",
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  }
  EXPECT_EQ(running.get(), chat::AppendStatus::unknown);
  server.query("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
  server.query("postgres", "SELECT pg_reload_conf()");
  EXPECT_EQ(append(*opened.store, talk.send("unsafe")).status, chat::AppendStatus::duplicate)
      << "it was there all the time";
}

}  // namespace
}  // namespace banter::store
