// DjangoSource: what lies in the replaced system's PostgreSQL and Redis. Only reads: PostgreSQL in
// one read-only snapshot, Redis with commands that change nothing. Owned by one command; one
// thread, blocking. Throws Unavailable; a source that is none is told by open().
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/import/message_list.hpp"
#include "auth/ports.hpp"
#include "base/ids.hpp"
#include "chat/ports.hpp"

namespace banter::app {

// As it is in auth_user.
struct DjangoUser {
  UserId id;
  std::string username;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string password;
  bool active = true;
  bool staff = false;
  Micros joined_at;
  std::optional<Micros> last_login_at;
};

struct DjangoConversation {
  ConversationId id;
  Micros created_at;
  std::vector<chat::Member> members;
};

// Past these a list is not taken: it has to fit into memory, because its order is not its ids'.
inline constexpr std::size_t list_entries_max = 1'000'000;
inline constexpr std::size_t list_bytes_max = 256 * 1024 * 1024;

struct DjangoMessages {
  std::vector<ListedMessage> messages;
  std::int64_t counter = 0;
  std::vector<std::string> unreadable;  // a reason for each entry that could not be read
  bool too_long = false;                // then nothing else is of use
};

class DjangoSource {
 public:
  // database: postgres://… ; redis: empty if there are no messages to be had. The error is a
  // sentence: what it is that was named, if not that system.
  [[nodiscard]] static std::expected<std::unique_ptr<DjangoSource>, std::string> open(
      const std::string& database, const std::string& redis);
  virtual ~DjangoSource() = default;

  struct Counts {
    std::int64_t users = 0;
    std::int64_t conversations = 0;
  };
  [[nodiscard]] virtual Counts counts() = 0;
  // Above `after`, ascending, a page of them; empty at the end.
  [[nodiscard]] virtual std::vector<DjangoUser> users(UserId after) = 0;
  [[nodiscard]] virtual std::vector<DjangoConversation> conversations(ConversationId after) = 0;
  [[nodiscard]] virtual DjangoMessages messages(ConversationId conversation) = 0;
  // Conversations that have a list of messages, those that the database does not have among them.
  [[nodiscard]] virtual std::vector<ConversationId> listed_conversations() = 0;
};

}  // namespace banter::app
