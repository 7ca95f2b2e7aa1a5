// EventLog: the writing side of the logs. Numbers and dedupes the events of a transaction and
// stores them in the tail. Used by the writer's thread alone. Because there is no other writer, it
// remembers where each log stands and who is a member instead of asking. The order of calls:
// append()…, store(), COMMIT, committed(); or rolled_back().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "chat/event.hpp"
#include "store/sqlite/client_ids.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/settler.hpp"
#include "store/sqlite/tail.hpp"

namespace banter::store {

class EventLog {
 public:
  // Fills the tail from the database. Both outlive it.
  EventLog(Connection& connection, Tail& tail, TailLimits limits);

  // What ConversationStore::append promises, once the transaction is committed.
  [[nodiscard]] std::vector<chat::AppendResult> append(std::span<const chat::PendingEvent> batch,
                                                       Micros now);
  // Writes what was appended, and moves some of the tail to its place.
  void store();
  void committed();
  void rolled_back();
  // Somebody is no longer a member of something, or what was remembered was undone.
  void forget_members() { members_.clear(); }

 private:
  struct Membership {
    ConversationId conversation;
    UserId user;
    friend bool operator==(Membership, Membership) = default;
  };
  struct MembershipHash {
    std::size_t operator()(Membership membership) const noexcept {
      return std::hash<ConversationId>{}(membership.conversation) * 31 +
             std::hash<UserId>{}(membership.user);
    }
  };

  void load();
  void begin_round_if_due();
  [[nodiscard]] chat::AppendResult append_one(const chat::PendingEvent& event, Micros now);
  // The answer for an event whose client_id is known already.
  [[nodiscard]] std::optional<chat::AppendResult> answered(const chat::PendingEvent& event,
                                                           ClientIds::Key key);
  [[nodiscard]] const chat::Event* find_in_tail(ConversationId conversation, Seq seq) const;
  [[nodiscard]] std::optional<chat::AppendResult> compare_with_settled(
      const chat::PendingEvent& event, Seq seq);
  [[nodiscard]] bool is_member(Membership membership);
  [[nodiscard]] Seq& head_of(ConversationId conversation);

  Connection& connection_;
  Tail& tail_;
  ClientIds client_ids_;
  Settler settler_;
  Statement insert_;
  Statement select_settled_;
  Statement select_member_;
  Statement select_head_;
  std::unordered_map<ConversationId, Seq> heads_;
  std::unordered_set<Membership, MembershipHash> members_;  // only those who are
  std::vector<chat::Event> pending_;                        // of this transaction
  std::int64_t committed_id_ = 0;                           // of the table tail
};

}  // namespace banter::store
