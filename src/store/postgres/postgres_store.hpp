// PostgresStore: the store that several nodes share, both ports on one PostgreSQL database. Owned
// by app; any reactor calls it. It has a thread of its own on which its connections live (pool).
// Open at once and for ever: while the database is away, calls throw Unavailable and it keeps
// trying.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auth/ports.hpp"
#include "base/metrics.hpp"
#include "chat/ports.hpp"
#include "store/open_failure.hpp"

namespace banter::store {

namespace postgres {
class Pool;
class Notices;
}  // namespace postgres

class PostgresStore final : public chat::ConversationStore, public auth::AccountStore {
 public:
  struct Options {
    std::string url;      // postgres://…, several hosts allowed
    bool migrate = true;  // else `needs_migrate` for an older schema, or none
    bool allow_weak_durability = false;
    // How other nodes know this one. Without fingerprints (of the signing keys it believes) it is
    // no node: an administrator's command.
    std::string node{};
    std::string version{};
    std::vector<std::string> key_fingerprints{};
    // Called once, on the store's thread, when trying again cannot mend what is wrong at the first
    // contact: password, rights, schema, durability, signing keys.
    std::function<void(const OpenFailure&)> refused = [](const OpenFailure&) {};
  };
  // Never waits. Metrics outlive the store.
  PostgresStore(Options options, base::Metrics& metrics);
  ~PostgresStore() override;
  // `banter migrate`: only that, and waits. How many steps were applied.
  [[nodiscard]] static std::expected<int, OpenFailure> migrate(const std::string& url);

  // Whether it serves now; if not, why the last try to connect failed (empty: none did yet).
  [[nodiscard]] bool connected() const;
  [[nodiscard]] std::string last_failure() const;

  // ---- chat::ConversationStore
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
  [[nodiscard]] std::string epoch() const override;  // empty before the first contact
  void on_new_epoch(Renew renew) override;
  [[nodiscard]] bool shared() const override { return true; }
  void listen(Executor reactor, chat::NoticeListener& listener) override;
  [[nodiscard]] Task<bool> healthy() override;
  [[nodiscard]] chat::Durability durability() const override;

  // ---- auth::AccountStore
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
  struct Appends;
  Task<MemberChange> change_member(ConversationId conversation, UserId user, bool adds);

  std::unique_ptr<Appends> appends_;
  std::unique_ptr<postgres::Notices> notices_;
  std::unique_ptr<postgres::Pool> pool_;  // last: its thread uses the rest
};

}  // namespace banter::store
