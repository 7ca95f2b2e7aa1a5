// Conversations, their members and the reading of their logs, in SQL. ConversationReads belongs to
// one thread of the read pool, ConversationWrites to the writer's thread, inside its transaction.
// What each method promises stands in chat/ports.hpp.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/event.hpp"
#include "chat/ports.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/tail.hpp"

namespace banter::store {

class ConversationReads {
 public:
  // Both outlive it.
  ConversationReads(Connection& connection, const Tail& tail);

  [[nodiscard]] chat::Stretch read(ConversationId conversation, const chat::Range& range);
  [[nodiscard]] std::optional<chat::Access> access(ConversationId conversation, UserId user);
  [[nodiscard]] std::vector<Seq> heads(std::span<const ConversationId> conversations);
  [[nodiscard]] std::vector<ConversationId> conversations_of(UserId user, std::size_t count);
  [[nodiscard]] std::vector<chat::ConversationSummary> list(ConversationId after,
                                                            std::size_t count);
  [[nodiscard]] std::optional<chat::ConversationSummary> find(ConversationId conversation);
  [[nodiscard]] std::vector<chat::Member> members_of(ConversationId conversation);

 private:
  // Of the settled events within the range, in its direction.
  [[nodiscard]] std::vector<chat::Event> settled(ConversationId conversation,
                                                 const chat::Range& range);
  [[nodiscard]] std::optional<Seq> settled_head(ConversationId conversation);
  void complete(std::vector<chat::ConversationSummary>& summaries);

  Connection& connection_;
  const Tail& tail_;
  Statement select_first_;
  Statement select_oldest_;
  Statement select_newest_;
  Statement select_access_;
  Statement select_head_;
  Statement select_of_user_;
  Statement select_summaries_;
  Statement select_members_;
};

class ConversationWrites {
 public:
  explicit ConversationWrites(Connection& connection);

  [[nodiscard]] std::expected<ConversationId, UserId> create(UserId creator,
                                                             std::span<const UserId> members,
                                                             Micros now);
  [[nodiscard]] chat::ConversationStore::MemberChange add_member(ConversationId conversation,
                                                                 UserId user, Micros now);
  [[nodiscard]] chat::ConversationStore::MemberChange remove_member(ConversationId conversation,
                                                                    UserId user);

 private:
  [[nodiscard]] bool user_exists(UserId user);
  [[nodiscard]] bool conversation_exists(ConversationId conversation);

  Connection& connection_;
  Statement select_user_;
  Statement select_conversation_;
  Statement insert_conversation_;
  Statement insert_member_;
  Statement delete_member_;
};

}  // namespace banter::store
