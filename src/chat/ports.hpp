// What chat needs from the outside: a store that keeps logs and a relay that carries news to other
// nodes. The promise of the product rests on what is written here; every implementer keeps it, and
// one contract suite (tests/contract/) checks it. All calls come from reactor threads, from any of
// them at once; every Task resumes on the reactor that awaited it. Listeners are called on the
// reactor they were registered with, and stay until what calls them is destroyed.
//
// Errors: an answer is in the return type. The outside failing (disk full, database lost, a wait
// over its limit) throws Unavailable; then the outcome is unknown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/task.hpp"
#include "chat/event.hpp"

namespace banter::chat {

// Events with after < seq < before: the oldest `count` of them, or the newest with newest = true
// (the stretch is oldest first either way). bytes_max bounds the payload bytes, but one event is
// always given. count 0 asks only where the log begins and ends.
struct Range {
  Seq after{0};
  Seq before{std::numeric_limits<std::int64_t>::max()};
  std::size_t count = 0;
  std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
  bool newest = false;
};

// What a member may know about a conversation before reading it.
struct Access {
  Seq first;  // first_seq of the log
  Seq head;   // last stored seq
};

struct Member {
  UserId user;
  Micros joined_at;
};

struct ConversationSummary {
  ConversationId id;
  Micros created_at;
  Seq head;
  std::size_t members = 0;
};

// News that end sockets or stale answers on every node.
struct Notice {
  enum class Kind : std::uint8_t {
    account_changed,
    member_added,
    member_removed,
    anything,  // notices were missed for too long: whatever is remembered may be wrong
  };
  Kind kind = Kind::account_changed;
  UserId user;                  // of account_*, member_*
  ConversationId conversation;  // of member_*
};

class NoticeListener {
 public:
  virtual ~NoticeListener() = default;
  virtual void on_notice(const Notice& notice) = 0;
};

// How safe a commit is. weak: the database may lose what it acknowledged.
enum class Durability : std::uint8_t { unknown, weak, single, quorum };

class ConversationStore {
 public:
  virtual ~ConversationStore() = default;

  // The one write. What is answered `stored` or `duplicate` is on stable storage when this returns;
  // if it throws, nothing is known of any event. Results stand in the order of the batch. Within
  // one conversation, events are numbered in the order of the batch, and calls that overlap are
  // ordered as a whole. For each event:
  //  - forbidden unless the author is a member at the time of the commit;
  //  - with a client_id seen before from this author in this conversation (in the store, or earlier
  //    in this batch): duplicate if kind and payload are identical, else conflict;
  //  - else stored with seq = last + 1: no hole, ever;
  //  - unknown if the store was lost on the way and asking again was not possible, because there is
  //    no client_id, or did not succeed in time. What had been stored by an earlier attempt of this
  //    same call is answered `stored`.
  // The batch holds at most limits.hpp's append_batch_*; it stays alive until this returns.
  [[nodiscard]] virtual Task<std::vector<AppendResult>> append(
      std::span<const PendingEvent> batch) = 0;

  // A stretch of the log as committed. An unknown conversation reads as an empty log.
  [[nodiscard]] virtual Task<Stretch> read(ConversationId conversation, Range range) = 0;

  // Whether the user is a member, and where the log stands, in one look; nullopt when not a member
  // or no such conversation (callers must not tell these apart to the user).
  [[nodiscard]] virtual Task<std::optional<Access>> access(ConversationId conversation,
                                                           UserId user) = 0;

  // Heads of many conversations (at most 5,000), in the order asked; Seq{0} for unknown ones.
  [[nodiscard]] virtual Task<std::vector<Seq>> heads(
      std::span<const ConversationId> conversations) = 0;

  // Creates a conversation of the creator and the members (duplicates collapse; inactive users are
  // taken). Takes no seq. The error is the first of the ids that is no user; nothing is created
  // then.
  [[nodiscard]] virtual Task<std::expected<ConversationId, UserId>> create_conversation(
      UserId creator, std::vector<UserId> members) = 0;

  // The conversations of a user, newest first, at most `count`.
  [[nodiscard]] virtual Task<std::vector<ConversationId>> conversations_of(UserId user,
                                                                           std::size_t count) = 0;

  // For operators. list: ids above `after`, ascending, at most `count`.
  [[nodiscard]] virtual Task<std::vector<ConversationSummary>> list_conversations(
      ConversationId after, std::size_t count) = 0;
  [[nodiscard]] virtual Task<std::optional<ConversationSummary>> find_conversation(
      ConversationId conversation) = 0;
  [[nodiscard]] virtual Task<std::vector<Member>> members_of(ConversationId conversation) = 0;

  enum class MemberChange { done, no_change, no_such_user, no_such_conversation };
  // Once this returned `done` for a removal, no append of that user is stored any more.
  [[nodiscard]] virtual Task<MemberChange> add_member(ConversationId conversation, UserId user) = 0;
  [[nodiscard]] virtual Task<MemberChange> remove_member(ConversationId conversation,
                                                         UserId user) = 0;

  // Names one continuous life of the logs: another one after a backup was restored or a standby
  // promoted. At most 32 printable ASCII characters; any thread.
  [[nodiscard]] virtual std::string epoch() const = 0;
  // For stores that may find their epoch, or another one, while they are open. `renew` is called,
  // on a thread of the store, when it does: from then on every call throws Unavailable, until
  // `resume` is called (once, from any thread), when nothing that was read in the old epoch is in
  // use any more; only then epoch() is the new one.
  using Renew = std::function<void(std::string epoch, std::function<void()> resume)>;
  virtual void on_new_epoch(Renew /*renew*/) {}

  // Whether other processes write here too. If so, changes of accounts and memberships that went
  // through them are told as notices within 2 s (perhaps more than once), and heads() has to be
  // asked for events that no relay brought.
  [[nodiscard]] virtual bool shared() const { return false; }
  virtual void listen(Executor /*reactor*/, NoticeListener& /*listener*/) {}

  // Whether a commit can be expected to succeed now; answers within a second, never throws.
  [[nodiscard]] virtual Task<bool> healthy() = 0;
  [[nodiscard]] virtual Durability durability() const { return Durability::single; }  // any thread
};

class RelayListener {
 public:
  virtual ~RelayListener() = default;
  // Events that other nodes stored. Some may be lost, repeated, reordered: timelines sort it out.
  virtual void on_relayed(std::vector<Event> events) = 0;
  // Events may have been lost just now: better ask the store than wait.
  virtual void on_interrupted() = 0;
};

// Carries news to other nodes, and remembers the newest events of conversations for readers on all
// of them. It may lose all of this at any time; nothing here throws, and nothing waits long.
class Relay {
 public:
  virtual ~Relay() = default;
  // What is relayed and remembered is of one epoch; before the first use, and again after a change.
  virtual void set_epoch(std::string epoch) = 0;

  // Every listener hears every notice, whichever node it comes from.
  virtual void listen(Executor reactor, NoticeListener& listener) = 0;
  // When this returns, events that other nodes store from now on are relayed here, unless the relay
  // is down; then once it is up again, after on_interrupted(). One listener for a conversation.
  [[nodiscard]] virtual Task<> subscribe(ConversationId conversation, Executor reactor,
                                         RelayListener& listener) = 0;
  // From here on nothing more of it is told; on the listener's reactor.
  virtual void unsubscribe(ConversationId conversation) = 0;
  // Tells the other nodes, and remembers. In the order of their seqs within a conversation.
  virtual void publish(std::span<const Event> events) = 0;
  // Tells every listener of every node, this one included.
  virtual void notify(const Notice& notice) = 0;

  // Whether recent() can ever give something.
  [[nodiscard]] virtual bool remembers() const = 0;
  // The newest events that are remembered, ascending by seq, at most window_events_max; some may be
  // missing. Empty: none, or the relay is down.
  [[nodiscard]] virtual Task<std::vector<Event>> recent(ConversationId conversation) = 0;
  // What a reader had to fetch from the store instead.
  virtual void remember(std::vector<Event> events) = 0;
};

}  // namespace banter::chat
