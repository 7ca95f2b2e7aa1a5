// MemoryStore: both ports without a disk, for tests and the simulation. Deterministic: numbers and
// order depend on the calls alone, time is given by a clock of the caller's, and every call
// completes by one post to the executor it was awaited on. Thread-safe. What it holds is not
// bounded: it is not for serving.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "auth/ports.hpp"
#include "base/clock.hpp"
#include "chat/ports.hpp"

namespace banter::store {

class MemoryStore final : public chat::ConversationStore, public auth::AccountStore {
 public:
  // What a fault does to one call: it throws Unavailable, having done nothing or everything.
  enum class Fault : std::uint8_t { none, before_effect, after_effect };
  enum class Operation : std::uint8_t { append, other_write, read };
  struct Options {
    std::string epoch = "memory";
    std::function<Micros()> clock = wall_now;
    // Asked once per call, under the store's lock; none: never.
    std::function<Fault(Operation)> fault{};
    std::function<bool()> healthy{};  // what healthy() answers; none: true
  };
  MemoryStore() : MemoryStore(Options{}) {}
  explicit MemoryStore(Options options) : options_(std::move(options)) {}

  [[nodiscard]] Task<std::vector<chat::AppendResult>> append(
      std::span<const chat::PendingEvent> batch) override;
  [[nodiscard]] Task<chat::Stretch> read(ConversationId conversation, chat::Range range) override;
  [[nodiscard]] Task<std::optional<chat::Access>> access(ConversationId conversation,
                                                         UserId user) override;
  [[nodiscard]] Task<std::vector<Seq>> heads(
      std::span<const ConversationId> conversations) override;
  [[nodiscard]] Task<std::expected<ConversationId, UserId>> create_conversation(
      UserId creator, std::vector<UserId> members) override;
  [[nodiscard]] Task<std::vector<ConversationId>> conversations_of(UserId user,
                                                                   std::size_t count) override;
  [[nodiscard]] Task<std::vector<chat::ConversationSummary>> list_conversations(
      ConversationId after, std::size_t count) override;
  [[nodiscard]] Task<std::optional<chat::ConversationSummary>> find_conversation(
      ConversationId conversation) override;
  [[nodiscard]] Task<std::vector<chat::Member>> members_of(ConversationId conversation) override;
  [[nodiscard]] Task<MemberChange> add_member(ConversationId conversation, UserId user) override;
  [[nodiscard]] Task<MemberChange> remove_member(ConversationId conversation, UserId user) override;
  [[nodiscard]] std::string epoch() const override { return options_.epoch; }
  [[nodiscard]] Task<bool> healthy() override;

  [[nodiscard]] Task<std::expected<UserId, auth::CreateError>> create_account(
      auth::NewAccount account) override;
  [[nodiscard]] Task<std::optional<auth::Account>> find_account(UserId id) override;
  [[nodiscard]] Task<std::optional<auth::Account>> find_account_by_email(
      std::string email) override;
  [[nodiscard]] Task<std::vector<auth::Account>> list_accounts(UserId after,
                                                               std::size_t count) override;
  [[nodiscard]] Task<bool> set_password_hash(UserId id, std::string password_hash) override;
  [[nodiscard]] Task<bool> set_active(UserId id, bool active) override;
  [[nodiscard]] Task<bool> set_last_login(UserId id, Micros at) override;
  [[nodiscard]] Task<bool> delete_account(UserId id) override;

 private:
  struct Conversation {
    Micros created_at;
    std::vector<chat::Event> log;  // seq = place + 1
    std::map<UserId, Micros> members;
    std::map<std::pair<UserId, std::string>, Seq> by_client_id;
    [[nodiscard]] Seq head() const { return Seq{static_cast<std::int64_t>(log.size())}; }
  };

  // Runs effect under the lock unless a fault says otherwise, then resumes by a post.
  template <class Effect>
  Task<std::invoke_result_t<Effect&>> perform(Operation operation, Effect effect);
  // Changes the account if there is one.
  template <class Change>
  Task<bool> change_account(UserId id, Change change);

  [[nodiscard]] Conversation* find(ConversationId id);
  [[nodiscard]] chat::AppendResult append_one(const chat::PendingEvent& event, Micros now);
  [[nodiscard]] static chat::Stretch stretch_of(const Conversation& conversation,
                                                const chat::Range& range);
  [[nodiscard]] static chat::ConversationSummary summary(ConversationId id,
                                                         const Conversation& conversation);

  Options options_;
  std::mutex mutex_;
  std::map<ConversationId, Conversation> conversations_;
  std::map<UserId, auth::Account> accounts_;
  std::int64_t last_user_ = 0;  // numbers are never reused
};

}  // namespace banter::store
