// ImportTarget on the embedded store. Events go straight to their place in the logs; so the tail is
// settled first, because what is behind it must not be there before it.
#include "store/import_target.hpp"

#include <utility>

#include "base/unavailable.hpp"
#include "store/sqlite/client_ids.hpp"
#include "store/sqlite/commit_record.hpp"
#include "store/sqlite/open_database.hpp"

namespace banter::store {
namespace {

template <class Act>
auto attempt(Act act) -> decltype(act()) {
  try {
    return act();
  } catch (const SqlError& error) {
    throw Unavailable(std::string("the database: ") + error.what());
  }
}

class SqliteImportTarget final : public ImportTarget {
 public:
  SqliteImportTarget(DirectoryLock lock, std::unique_ptr<Connection> connection)
      : lock_(std::move(lock)),
        connection_(std::move(connection)),
        find_account_(*connection_, "SELECT email FROM accounts WHERE id = ?1"),
        find_email_(*connection_, "SELECT 1 FROM accounts WHERE email = ?1"),
        add_account_(*connection_,
                     "INSERT INTO accounts (id, email, first_name, last_name, password_hash,"
                     " active, created_at, last_login_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
        find_conversation_(
            *connection_,
            "SELECT created_at, coalesce((SELECT max(seq) FROM events WHERE conversation = ?1),"
            " first_seq - 1) FROM conversations WHERE id = ?1"),
        add_conversation_(*connection_,
                          "INSERT INTO conversations (id, created_at, first_seq)"
                          " VALUES (?1, ?2, ?3)"),
        add_member_(*connection_,
                    "INSERT OR IGNORE INTO members (conversation, user, joined_at)"
                    " VALUES (?1, ?2, ?3)"),
        add_event_(*connection_,
                   "INSERT INTO events (conversation, seq, author, kind, at, client_id, payload)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)") {
    settle_tail();
  }

  AccountPut put_account(const auth::Account& account) override {
    return attempt([&] { return put(account); });
  }

  bool has_account(UserId id) override {
    return attempt([&] {
      auto rows = find_account_.rows(id.value);
      return rows.next();
    });
  }

  std::optional<Conversation> find_conversation(ConversationId id) override {
    return attempt([&]() -> std::optional<Conversation> {
      auto rows = find_conversation_.rows(id.value);
      if (!rows.next()) return std::nullopt;
      return Conversation{.created_at = Micros{rows.integer(0)}, .head = Seq{rows.integer(1)}};
    });
  }

  Added put_conversation(const ImportedConversation& conversation) override {
    return attempt([&] {
      Added added;
      Transaction transaction(*connection_, Transaction::Kind::immediate);
      if (!find_conversation_.rows(conversation.id.value).next()) {
        const auto first =
            conversation.events.empty() ? conversation.next : conversation.events.front().seq;
        add_conversation_.run(conversation.id.value, conversation.created_at.value, first.value);
      }
      for (const auto& member : conversation.members) {
        add_member_.run(conversation.id.value, member.user.value, member.joined_at.value);
        added.members += static_cast<std::size_t>(connection_->changes());
      }
      for (const auto& event : conversation.events) add(event);
      added.events = conversation.events.size();
      transaction.commit();
      return added;
    });
  }

 private:
  AccountPut put(const auth::Account& account) {
    {
      auto rows = find_account_.rows(account.id.value);
      if (rows.next()) {
        const bool same = rows.bytes(0) == account.email;
        return same ? AccountPut::there : AccountPut::number_taken;
      }
    }
    if (find_email_.rows(std::string_view(account.email)).next()) return AccountPut::email_taken;
    std::optional<std::int64_t> last_login;
    if (account.last_login_at) last_login = account.last_login_at->value;
    add_account_.run(account.id.value, std::string_view(account.email),
                     std::string_view(account.first_name), std::string_view(account.last_name),
                     std::string_view(account.password_hash), account.active ? 1 : 0,
                     account.created_at.value, last_login);
    return AccountPut::added;
  }

  void add(const chat::Event& event) {
    add_event_.run(event.conversation.value, event.seq.value, event.author.value,
                   static_cast<std::int64_t>(event.kind), event.at.value,
                   std::string_view(event.client_id), Blob{event.payload});
  }

  void settle_tail() {
    ClientIds client_ids(*connection_);
    Statement select(*connection_, "SELECT events FROM tail ORDER BY id");
    Transaction transaction(*connection_, Transaction::Kind::immediate);
    for (auto rows = select.rows(); rows.next();) {
      const auto record = decode_commit(rows.bytes(0));
      if (!record) throw SqlError(SQLITE_CORRUPT, "a record of the table tail is damaged");
      for (const auto& event : *record) {
        auto found = find_conversation_.rows(event.conversation.value);
        if (found.next() && event.seq.value <= found.integer(1)) continue;  // is at its place
        add(event);
        if (!event.client_id.empty()) client_ids.settle(client_ids.key(event), event.seq);
      }
    }
    connection_->execute("DELETE FROM tail");
    transaction.commit();
  }

  DirectoryLock lock_;
  std::unique_ptr<Connection> connection_;
  Statement find_account_;
  Statement find_email_;
  Statement add_account_;
  Statement find_conversation_;
  Statement add_conversation_;
  Statement add_member_;
  Statement add_event_;
};

}  // namespace

OpenedTarget open_import_target_sqlite(const std::filesystem::path& data_dir) {
  auto lock = lock_directory(data_dir);
  if (!lock) return std::unexpected(std::move(lock.error()));
  try {
    auto opened = open_database({.data_dir = data_dir});
    if (!opened) return std::unexpected(std::move(opened.error()));
    return std::make_unique<SqliteImportTarget>(*std::move(lock), std::move(opened->connection));
  } catch (const SqlError& error) {
    return std::unexpected(open_failure(error));
  }
}

}  // namespace banter::store
