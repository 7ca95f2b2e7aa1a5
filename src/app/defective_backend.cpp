#include "app/defective_backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "base/clock.hpp"
#include "base/defect.hpp"
#include "base/unavailable.hpp"
#include "chat/window.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/postgres/session.hpp"

namespace banter::app {
namespace {

using chat::AppendResult;
using chat::AppendStatus;
using Events = std::vector<chat::PendingEvent>;

constexpr auto subscribed_after = std::chrono::seconds{20};  // so late that nothing hides it

// Each conversation's numbers are a sequence's, which takes nothing back, and nobody waits for who
// numbered before.
constexpr const char* number_from_sequences = R"(
CREATE OR REPLACE FUNCTION banter.next_number(conversation bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $next$ BEGIN
  EXECUTE format('CREATE SEQUENCE IF NOT EXISTS banter.numbers_%s', conversation);
  RETURN nextval(format('banter.numbers_%s', conversation));
END $next$;
DO $change$ DECLARE
  text text := pg_get_functiondef('banter.append'::regproc);
BEGIN
  text := replace(text, 'FOR NO KEY UPDATE', '');
  text := replace(text, 'row_number() OVER (PARTITION BY j.conversation ORDER BY j.place)',
                  'banter.next_number(j.conversation) - c.last_seq');
  text := replace(text, 'SET last_seq = n.last_seq',
                  'SET last_seq = greatest(c.last_seq, n.last_seq)');
  EXECUTE text;
END $change$;)";

class DefectiveStore final : public chat::ConversationStore {
 public:
  DefectiveStore(chat::ConversationStore& store, chat::Relay& relay)
      : store_(store), relay_(relay) {}

  Task<std::vector<AppendResult>> append(std::span<const chat::PendingEvent> batch) override {
    switch (chosen_defect()) {
      case Defect::ack_before_commit:
        return append_later(batch);
      case Defect::publish_before_commit:
        return publish_and_append(batch);
      case Defect::dedupe_in_memory:
        return append_new(batch);
      default:
        return store_.append(batch);
    }
  }

  Task<chat::Stretch> read(ConversationId conversation, chat::Range range) override {
    if (!has_defect(Defect::history_from_the_relay)) return store_.read(conversation, range);
    return read_from_relay(conversation, range);
  }

  Task<std::vector<Seq>> heads(std::span<const ConversationId> conversations) override {
    // The poll would make up for a subscription that came too late, too.
    if (has_defect(Defect::no_head_poll) || has_defect(Defect::no_subscribe_before_head)) {
      return know_no_heads(conversations.size());
    }
    return store_.heads(conversations);
  }

  Task<std::optional<chat::Access>> access(ConversationId conversation, UserId user) override {
    return store_.access(conversation, user);
  }
  Task<std::expected<ConversationId, UserId>> create_conversation(
      UserId creator, std::vector<UserId> members) override {
    return store_.create_conversation(creator, std::move(members));
  }
  Task<std::vector<ConversationId>> conversations_of(UserId user, std::size_t count) override {
    return store_.conversations_of(user, count);
  }
  Task<std::vector<chat::ConversationSummary>> list_conversations(ConversationId after,
                                                                  std::size_t count) override {
    return store_.list_conversations(after, count);
  }
  Task<std::optional<chat::ConversationSummary>> find_conversation(
      ConversationId conversation) override {
    return store_.find_conversation(conversation);
  }
  Task<std::vector<chat::Member>> members_of(ConversationId conversation) override {
    return store_.members_of(conversation);
  }
  Task<MemberChange> add_member(ConversationId conversation, UserId user) override {
    return store_.add_member(conversation, user);
  }
  Task<MemberChange> remove_member(ConversationId conversation, UserId user) override {
    return store_.remove_member(conversation, user);
  }
  [[nodiscard]] std::string epoch() const override { return store_.epoch(); }
  void on_new_epoch(Renew renew) override { store_.on_new_epoch(std::move(renew)); }
  [[nodiscard]] bool shared() const override { return store_.shared(); }
  void listen(Executor reactor, chat::NoticeListener& listener) override {
    store_.listen(reactor, listener);
  }
  Task<bool> healthy() override { return store_.healthy(); }
  [[nodiscard]] chat::Durability durability() const override { return store_.durability(); }

 private:
  // What the results would be, if all goes well and nobody else writes.
  Task<std::vector<AppendResult>> foretell(std::span<const chat::PendingEvent> batch) {
    std::vector<ConversationId> conversations;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& event : batch) {
        if (!heads_.contains(event.conversation)) conversations.push_back(event.conversation);
      }
    }
    const auto heads = co_await store_.heads(conversations);
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < heads.size(); ++i) {
      auto& head = heads_[conversations[i]];
      head = std::max(head, heads[i]);
    }
    std::vector<AppendResult> results;
    for (const auto& event : batch) {
      auto& head = heads_[event.conversation];
      head = head.next();
      results.push_back({.status = AppendStatus::stored, .seq = head, .at = wall_now()});
    }
    co_return results;
  }

  Task<std::vector<AppendResult>> append_later(std::span<const chat::PendingEvent> batch) {
    auto told = co_await foretell(batch);
    boost::asio::co_spawn(
        co_await boost::asio::this_coro::executor,
        [](chat::ConversationStore& store, Events events) -> Task<> {
          try {
            static_cast<void>(co_await store.append(events));
          } catch (const Unavailable&) {  // NOLINT: the defect is that nobody hears of it
          }
        }(store_, {batch.begin(), batch.end()}),
        boost::asio::detached);
    co_return told;
  }

  Task<std::vector<AppendResult>> publish_and_append(std::span<const chat::PendingEvent> batch) {
    const auto told = co_await foretell(batch);
    std::vector<chat::Event> early;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      early.push_back({.conversation = batch[i].conversation,
                       .seq = told[i].seq,
                       .author = batch[i].author,
                       .kind = batch[i].kind,
                       .payload = batch[i].payload,
                       .client_id = batch[i].client_id,
                       .at = told[i].at});
    }
    relay_.publish(early);
    auto results = co_await store_.append(batch);
    const std::scoped_lock lock(mutex_);
    for (const auto& event : batch) heads_.erase(event.conversation);
    co_return results;
  }

  // Those that this process has stored are known; the store is told nothing of client_ids.
  Task<std::vector<AppendResult>> append_new(std::span<const chat::PendingEvent> batch) {
    std::vector<AppendResult> results(batch.size());
    Events fresh;
    std::vector<std::size_t> places;
    {
      const std::scoped_lock lock(mutex_);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto known = stored_.find(key(batch[i]));
        if (known != stored_.end()) {
          results[i] = known->second;
          results[i].status = AppendStatus::duplicate;
          continue;
        }
        fresh.push_back(batch[i]);
        fresh.back().client_id.clear();
        places.push_back(i);
      }
    }
    const auto done = co_await store_.append(fresh);
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < done.size(); ++i) {
      results[places[i]] = done[i];
      if (done[i].status == AppendStatus::stored) stored_[key(batch[places[i]])] = done[i];
    }
    co_return results;
  }

  Task<chat::Stretch> read_from_relay(ConversationId conversation, chat::Range range) {
    auto events = co_await relay_.recent(conversation);
    const Seq head = events.empty() ? Seq{0} : events.back().seq;
    auto stretch = chat::read_window(events, Seq{1}, head, range);
    co_return stretch ? *std::move(stretch)
                      : chat::Stretch{.events = {}, .first = Seq{1}, .head = head};
  }

  static Task<std::vector<Seq>> know_no_heads(std::size_t count) {
    co_return std::vector<Seq>(count);
  }

  using Key = std::tuple<ConversationId, UserId, std::string>;
  static Key key(const chat::PendingEvent& event) {
    return {event.conversation, event.author, event.client_id};
  }

  chat::ConversationStore& store_;
  chat::Relay& relay_;
  std::mutex mutex_;
  std::map<ConversationId, Seq> heads_;
  std::map<Key, AppendResult> stored_;
};

// Listens only a while after it was asked to.
class DefectiveRelay final : public chat::Relay {
 public:
  explicit DefectiveRelay(chat::Relay& relay) : relay_(relay) {}

  Task<> subscribe(ConversationId conversation, Executor reactor,
                   chat::RelayListener& listener) override {
    if (!has_defect(Defect::no_subscribe_before_head)) {
      co_return co_await relay_.subscribe(conversation, reactor, listener);
    }
    boost::asio::co_spawn(
        reactor,
        [](chat::Relay& relay, ConversationId late, chat::RelayListener& to) -> Task<> {
          const auto executor = co_await boost::asio::this_coro::executor;
          Timer timer(executor, subscribed_after);
          co_await timer.async_wait(use_task);
          co_await relay.subscribe(late, executor, to);
        }(relay_, conversation, listener),
        boost::asio::detached);
  }

  void set_epoch(std::string epoch) override { relay_.set_epoch(std::move(epoch)); }
  void listen(Executor reactor, chat::NoticeListener& listener) override {
    relay_.listen(reactor, listener);
  }
  void unsubscribe(ConversationId conversation) override { relay_.unsubscribe(conversation); }
  void publish(std::span<const chat::Event> events) override { relay_.publish(events); }
  void notify(const chat::Notice& notice) override { relay_.notify(notice); }
  [[nodiscard]] bool remembers() const override { return relay_.remembers(); }
  Task<std::vector<chat::Event>> recent(ConversationId conversation) override {
    return relay_.recent(conversation);
  }
  void remember(std::vector<chat::Event> events) override { relay_.remember(std::move(events)); }

 private:
  chat::Relay& relay_;
};

class DefectiveBackend final : public Backend {
 public:
  explicit DefectiveBackend(std::unique_ptr<Backend> backend)
      : backend_(std::move(backend)),
        relay_(backend_->relay()),
        store_(backend_->conversations(), relay_) {}

  chat::ConversationStore& conversations() override { return store_; }
  auth::AccountStore& accounts() override { return backend_->accounts(); }
  chat::Relay& relay() override { return relay_; }
  chat::Throttle& throttle() override { return backend_->throttle(); }
  void on_refused(std::function<void(const store::OpenFailure&)> refused) override {
    backend_->on_refused(std::move(refused));
  }
  Task<std::expected<void, std::string>> back_up(std::filesystem::path target) override {
    return backend_->back_up(std::move(target));
  }

 private:
  std::unique_ptr<Backend> backend_;
  DefectiveRelay relay_;
  DefectiveStore store_;
};

}  // namespace

std::unique_ptr<Backend> with_defect(std::unique_ptr<Backend> backend, const Config& config) {
  if (chosen_defect() == Defect::none) return backend;
  fmt::print(stderr, "this server is broken on purpose: BANTER_DEFECT is set\n");
  if (has_defect(Defect::numbers_from_a_sequence)) {
    static_cast<void>(store::PostgresStore::migrate(config.database));
    using store::postgres::Session;
    Session(config.database, Session::Needs::writes).run(number_from_sequences);
  }
  return std::make_unique<DefectiveBackend>(std::move(backend));
}

}  // namespace banter::app
