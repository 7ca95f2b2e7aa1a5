// ImportTarget: how accounts and conversations that have numbers, times and histories already come
// into a store. Nobody serves from the store meanwhile: opening it takes the lock of the embedded
// one, and is refused while nodes are on a shared one. Owned by one command; one thread, blocking.
// Each call is one transaction, durable when it returns. Throws Unavailable.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/ports.hpp"
#include "chat/event.hpp"
#include "chat/ports.hpp"
#include "store/open_failure.hpp"

namespace banter::store {

struct ImportedConversation {
  ConversationId id;
  Micros created_at;
  std::vector<chat::Member> members;  // accounts that exist in the target
  // What it has beyond what the target holds, without a hole; in a new log the first of them is its
  // first_seq. If there are none, a new log begins at `next`.
  std::vector<chat::Event> events;
  Seq next;
};

class ImportTarget {
 public:
  virtual ~ImportTarget() = default;

  enum class AccountPut : std::uint8_t {
    added,
    there,         // that number and e-mail: an earlier run; nothing was changed
    number_taken,  // the number is another account's
    email_taken,   // the e-mail is another account's
  };
  // Under its own number.
  [[nodiscard]] virtual AccountPut put_account(const auth::Account& account) = 0;
  [[nodiscard]] virtual bool has_account(UserId id) = 0;

  struct Conversation {
    Micros created_at;
    Seq head;
  };
  [[nodiscard]] virtual std::optional<Conversation> find_conversation(ConversationId id) = 0;
  // Makes it, or adds to one that is there: members that are missing, events behind its head. How
  // many members and events were added.
  struct Added {
    std::size_t members = 0;
    std::size_t events = 0;
  };
  virtual Added put_conversation(const ImportedConversation& conversation) = 0;
};

using OpenedTarget = std::expected<std::unique_ptr<ImportTarget>, OpenFailure>;
// Both make the store where there is none, and bring it up to date.
[[nodiscard]] OpenedTarget open_import_target_sqlite(const std::filesystem::path& data_dir);
[[nodiscard]] OpenedTarget open_import_target_postgres(const std::string& url);

}  // namespace banter::store
