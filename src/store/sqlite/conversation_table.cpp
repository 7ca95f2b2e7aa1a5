#include "store/sqlite/conversation_table.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "base/assert.hpp"

namespace banter::store {
namespace {

using MemberChange = chat::ConversationStore::MemberChange;

constexpr std::size_t heads_max = 5'000;  // of one question; chat/ports.hpp
constexpr std::size_t reserve_max = 256;  // events; a longer stretch grows as it is read

std::int64_t row_limit(std::size_t count) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return count > static_cast<std::size_t>(most) ? most : static_cast<std::int64_t>(count);
}

// Drops what is past the range's bounds, from the far end of its direction; one event stays.
void cut(std::vector<chat::Event>& events, const chat::Range& range) {
  std::size_t bytes = 0;
  std::size_t fitting = 0;
  for (const auto& event : events) {
    bytes += event.payload.size();
    if (fitting == range.count || (bytes > range.bytes_max && fitting > 0)) break;
    ++fitting;
  }
  events.resize(fitting);
}

}  // namespace

ConversationReads::ConversationReads(Connection& connection, const Tail& tail)
    : connection_(connection),
      tail_(tail),
      select_first_(connection, "SELECT first_seq FROM conversations WHERE id = ?1"),
      select_oldest_(connection,
                     "SELECT seq, author, kind, at, client_id, payload FROM events"
                     " WHERE conversation = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq LIMIT ?4"),
      select_newest_(
          connection,
          "SELECT seq, author, kind, at, client_id, payload FROM events"
          " WHERE conversation = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4"),
      select_access_(connection,
                     "SELECT first_seq, (SELECT max(seq) FROM events WHERE conversation = ?1)"
                     " FROM conversations WHERE id = ?1 AND EXISTS"
                     " (SELECT 1 FROM members WHERE conversation = ?1 AND user = ?2)"),
      select_head_(connection,
                   "SELECT coalesce((SELECT max(seq) FROM events WHERE conversation = ?1),"
                   " first_seq - 1) FROM conversations WHERE id = ?1"),
      select_of_user_(connection,
                      "SELECT conversation FROM members WHERE user = ?1"
                      " ORDER BY conversation DESC LIMIT ?2"),
      select_summaries_(connection,
                        "SELECT id, created_at, (SELECT count(*) FROM members"
                        " WHERE conversation = id) FROM conversations"
                        " WHERE id > ?1 ORDER BY id LIMIT ?2"),
      select_members_(connection,
                      "SELECT user, joined_at FROM members WHERE conversation = ?1 ORDER BY user") {
}

chat::Stretch ConversationReads::read(ConversationId conversation, const chat::Range& range) {
  auto part = tail_.read(conversation, range);  // before the snapshot: see tail.hpp
  const Transaction snapshot(connection_, Transaction::Kind::deferred);
  chat::Stretch stretch{.events = {}, .first = Seq{1}, .head = Seq{0}};
  {
    auto rows = select_first_.rows(conversation.value);
    if (!rows.next()) return stretch;
    stretch.first = Seq{rows.integer(0)};
  }
  stretch.head = part ? part->head : settled_head(conversation).value_or(Seq{0});
  std::vector<chat::Event> recent = part ? std::move(part->events) : std::vector<chat::Event>{};
  chat::Range older = range;
  if (part) older.before = std::min(range.before, part->first);
  if (range.newest) {
    std::ranges::reverse(recent);
    stretch.events = std::move(recent);
    if (stretch.events.size() < range.count) {
      older.count = range.count - stretch.events.size();
      std::ranges::move(settled(conversation, older), std::back_inserter(stretch.events));
    }
    cut(stretch.events, range);
    std::ranges::reverse(stretch.events);
  } else {
    stretch.events = settled(conversation, older);
    std::ranges::move(recent, std::back_inserter(stretch.events));
    cut(stretch.events, range);
  }
  return stretch;
}

std::vector<chat::Event> ConversationReads::settled(ConversationId conversation,
                                                    const chat::Range& range) {
  std::vector<chat::Event> events;
  if (range.after >= range.before) return events;
  auto rows =
      (range.newest ? select_newest_ : select_oldest_)
          .rows(conversation.value, range.after.value, range.before.value, row_limit(range.count));
  std::size_t bytes = 0;
  while (bytes <= range.bytes_max && rows.next()) {
    if (events.empty()) events.reserve(std::min(range.count, reserve_max));
    const auto payload = rows.bytes(5);
    bytes += payload.size();
    events.push_back({.conversation = conversation,
                      .seq = Seq{rows.integer(0)},
                      .author = UserId{rows.integer(1)},
                      .kind = static_cast<chat::EventKind>(rows.integer(2)),
                      .payload = std::string(payload),
                      .client_id = std::string(rows.bytes(4)),
                      .at = Micros{rows.integer(3)}});
  }
  return events;
}

std::optional<Seq> ConversationReads::settled_head(ConversationId conversation) {
  auto rows = select_head_.rows(conversation.value);
  if (!rows.next()) return std::nullopt;
  return Seq{rows.integer(0)};
}

std::optional<chat::Access> ConversationReads::access(ConversationId conversation, UserId user) {
  const Seq recent = tail_.head(conversation);
  auto rows = select_access_.rows(conversation.value, user.value);
  if (!rows.next()) return std::nullopt;
  const Seq first{rows.integer(0)};
  const Seq settled{rows.maybe_integer(1).value_or(first.value - 1)};
  return chat::Access{.first = first, .head = std::max(recent, settled)};
}

std::vector<Seq> ConversationReads::heads(std::span<const ConversationId> conversations) {
  ASSERT(conversations.size() <= heads_max, "the port bounds a question for heads");
  auto heads = tail_.heads(conversations);
  const Transaction snapshot(connection_, Transaction::Kind::deferred);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (heads[i] == Seq{0}) heads[i] = settled_head(conversations[i]).value_or(Seq{0});
  }
  return heads;
}

std::vector<ConversationId> ConversationReads::conversations_of(UserId user, std::size_t count) {
  std::vector<ConversationId> found;
  auto rows = select_of_user_.rows(user.value, row_limit(count));
  while (rows.next()) found.push_back(ConversationId{rows.integer(0)});
  return found;
}

std::vector<chat::ConversationSummary> ConversationReads::list(ConversationId after,
                                                               std::size_t count) {
  std::vector<chat::ConversationSummary> found;
  for (auto rows = select_summaries_.rows(after.value, row_limit(count)); rows.next();) {
    found.push_back({.id = ConversationId{rows.integer(0)},
                     .created_at = Micros{rows.integer(1)},
                     .head = {},
                     .members = static_cast<std::size_t>(rows.integer(2))});
  }
  complete(found);
  return found;
}

// The heads come last, in their own snapshots: the tail has to be asked before the database.
void ConversationReads::complete(std::vector<chat::ConversationSummary>& summaries) {
  for (auto& each : summaries) {
    each.head = tail_.head(each.id);
    if (each.head == Seq{0}) each.head = settled_head(each.id).value_or(Seq{0});
  }
}

std::optional<chat::ConversationSummary> ConversationReads::find(ConversationId conversation) {
  auto found = list(ConversationId{conversation.value - 1}, 1);
  if (found.empty() || found[0].id != conversation) return std::nullopt;
  return found[0];
}

std::vector<chat::Member> ConversationReads::members_of(ConversationId conversation) {
  std::vector<chat::Member> found;
  auto rows = select_members_.rows(conversation.value);
  while (rows.next()) {
    found.push_back({.user = UserId{rows.integer(0)}, .joined_at = Micros{rows.integer(1)}});
  }
  return found;
}

ConversationWrites::ConversationWrites(Connection& connection)
    : connection_(connection),
      select_user_(connection, "SELECT 1 FROM accounts WHERE id = ?1"),
      select_conversation_(connection, "SELECT 1 FROM conversations WHERE id = ?1"),
      insert_conversation_(connection, "INSERT INTO conversations (created_at) VALUES (?1)"),
      insert_member_(connection,
                     "INSERT INTO members (conversation, user, joined_at) VALUES (?1, ?2, ?3)"
                     " ON CONFLICT DO NOTHING"),
      delete_member_(connection, "DELETE FROM members WHERE conversation = ?1 AND user = ?2") {}

std::expected<ConversationId, UserId> ConversationWrites::create(UserId creator,
                                                                 std::span<const UserId> members,
                                                                 Micros now) {
  // Everybody is looked up before anything is written, so that a refusal leaves no trace.
  if (!user_exists(creator)) return std::unexpected(creator);
  for (const auto member : members) {
    if (!user_exists(member)) return std::unexpected(member);
  }
  insert_conversation_.run(now.value);
  const ConversationId conversation{connection_.last_id()};
  insert_member_.run(conversation.value, creator.value, now.value);
  for (const auto member : members) {
    insert_member_.run(conversation.value, member.value, now.value);
  }
  return conversation;
}

MemberChange ConversationWrites::add_member(ConversationId conversation, UserId user, Micros now) {
  if (!conversation_exists(conversation)) return MemberChange::no_such_conversation;
  if (!user_exists(user)) return MemberChange::no_such_user;
  insert_member_.run(conversation.value, user.value, now.value);
  return connection_.changes() == 0 ? MemberChange::no_change : MemberChange::done;
}

MemberChange ConversationWrites::remove_member(ConversationId conversation, UserId user) {
  if (!conversation_exists(conversation)) return MemberChange::no_such_conversation;
  if (!user_exists(user)) return MemberChange::no_such_user;
  delete_member_.run(conversation.value, user.value);
  return connection_.changes() == 0 ? MemberChange::no_change : MemberChange::done;
}

bool ConversationWrites::user_exists(UserId user) { return select_user_.rows(user.value).next(); }

bool ConversationWrites::conversation_exists(ConversationId conversation) {
  return select_conversation_.rows(conversation.value).next();
}

}  // namespace banter::store
