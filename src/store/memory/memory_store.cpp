#include "store/memory/memory_store.hpp"

#include <algorithm>
#include <ranges>

#include "base/assert.hpp"
#include "chat/limits.hpp"
#include "store/memory/perform.hpp"

namespace banter::store {

using chat::AppendStatus;
using MemberChange = chat::ConversationStore::MemberChange;

MemoryStore::Conversation* MemoryStore::find(ConversationId id) {
  const auto found = conversations_.find(id);
  return found == conversations_.end() ? nullptr : &found->second;
}

Task<std::vector<chat::AppendResult>> MemoryStore::append(
    std::span<const chat::PendingEvent> batch) {
  ASSERT(batch.size() <= chat::append_batch_events_max, "the port bounds a batch");
  return perform(Operation::append, [this, batch] {
    const Micros now = options_.clock();
    std::vector<chat::AppendResult> results;
    for (const auto& event : batch) results.push_back(append_one(event, now));
    return results;
  });
}

chat::AppendResult MemoryStore::append_one(const chat::PendingEvent& event, Micros now) {
  Conversation* conversation = find(event.conversation);
  if (conversation == nullptr || !conversation->members.contains(event.author)) {
    return {.status = AppendStatus::forbidden, .seq = {}, .at = {}};
  }
  const Seq seq = conversation->head().next();
  if (!event.client_id.empty()) {
    const auto [known, fresh] =
        conversation->by_client_id.try_emplace({event.author, event.client_id}, seq);
    if (!fresh) {
      const auto& stored = conversation->log[static_cast<std::size_t>(known->second.value) - 1];
      const bool same = stored.kind == event.kind && stored.payload == event.payload;
      if (!same) return {.status = AppendStatus::conflict, .seq = {}, .at = {}};
      return {.status = AppendStatus::duplicate, .seq = stored.seq, .at = stored.at};
    }
  }
  conversation->log.push_back({.conversation = event.conversation,
                               .seq = seq,
                               .author = event.author,
                               .kind = event.kind,
                               .payload = event.payload,
                               .client_id = event.client_id,
                               .at = now});
  return {.status = AppendStatus::stored, .seq = seq, .at = now};
}

Task<chat::Stretch> MemoryStore::read(ConversationId id, chat::Range range) {
  return perform(Operation::read, [this, id, range] {
    const Conversation* conversation = find(id);
    if (conversation == nullptr) {
      return chat::Stretch{.events = {}, .first = Seq{1}, .head = Seq{0}};
    }
    return stretch_of(*conversation, range);
  });
}

chat::Stretch MemoryStore::stretch_of(const Conversation& conversation, const chat::Range& range) {
  chat::Stretch stretch{.events = {}, .first = Seq{1}, .head = conversation.head()};
  std::size_t bytes = 0;
  const auto take = [&](const chat::Event& event) {
    bytes += event.payload.size();
    if (stretch.events.size() == range.count) return false;
    if (bytes > range.bytes_max && !stretch.events.empty()) return false;
    stretch.events.push_back(event);
    return true;
  };
  const auto wanted = [&range](const chat::Event& event) {
    return event.seq > range.after && event.seq < range.before;
  };
  if (range.newest) {
    for (const auto& event : conversation.log | std::views::reverse | std::views::filter(wanted)) {
      if (!take(event)) break;
    }
    std::ranges::reverse(stretch.events);
  } else {
    for (const auto& event : conversation.log | std::views::filter(wanted)) {
      if (!take(event)) break;
    }
  }
  return stretch;
}

Task<std::optional<chat::Access>> MemoryStore::access(ConversationId id, UserId user) {
  return perform(Operation::read, [this, id, user]() -> std::optional<chat::Access> {
    const Conversation* conversation = find(id);
    if (conversation == nullptr || !conversation->members.contains(user)) return std::nullopt;
    return chat::Access{.first = Seq{1}, .head = conversation->head()};
  });
}

Task<std::vector<Seq>> MemoryStore::heads(std::span<const ConversationId> conversations) {
  return perform(Operation::read, [this, conversations] {
    std::vector<Seq> heads;
    for (const auto id : conversations) {
      const Conversation* conversation = find(id);
      heads.push_back(conversation == nullptr ? Seq{0} : conversation->head());
    }
    return heads;
  });
}

Task<std::expected<ConversationId, UserId>> MemoryStore::create_conversation(
    UserId creator, std::vector<UserId> members) {
  members.insert(members.begin(), creator);
  return perform(Operation::other_write,
                 [this, everyone = std::move(members)]() -> std::expected<ConversationId, UserId> {
                   for (const auto user : everyone) {
                     if (!accounts_.contains(user)) return std::unexpected(user);
                   }
                   Conversation conversation;
                   conversation.created_at = options_.clock();
                   for (const auto user : everyone) {
                     conversation.members.emplace(user, conversation.created_at);
                   }
                   // Conversations are never deleted, so their count is the last number.
                   const ConversationId id{static_cast<std::int64_t>(conversations_.size()) + 1};
                   conversations_.emplace(id, std::move(conversation));
                   return id;
                 });
}

Task<std::vector<ConversationId>> MemoryStore::conversations_of(UserId user, std::size_t count) {
  return perform(Operation::read, [this, user, count] {
    std::vector<ConversationId> found;
    for (const auto& [id, conversation] : conversations_ | std::views::reverse) {
      if (found.size() == count) break;
      if (conversation.members.contains(user)) found.push_back(id);
    }
    return found;
  });
}

chat::ConversationSummary MemoryStore::summary(ConversationId id,
                                               const Conversation& conversation) {
  return {.id = id,
          .created_at = conversation.created_at,
          .head = conversation.head(),
          .members = conversation.members.size()};
}

Task<std::vector<chat::ConversationSummary>> MemoryStore::list_conversations(ConversationId after,
                                                                             std::size_t count) {
  return perform(Operation::read, [this, after, count] {
    std::vector<chat::ConversationSummary> found;
    for (auto each = conversations_.upper_bound(after);
         each != conversations_.end() && found.size() < count; ++each) {
      found.push_back(summary(each->first, each->second));
    }
    return found;
  });
}

Task<std::optional<chat::ConversationSummary>> MemoryStore::find_conversation(ConversationId id) {
  return perform(Operation::read, [this, id]() -> std::optional<chat::ConversationSummary> {
    const Conversation* conversation = find(id);
    if (conversation == nullptr) return std::nullopt;
    return summary(id, *conversation);
  });
}

Task<std::vector<chat::Member>> MemoryStore::members_of(ConversationId id) {
  return perform(Operation::read, [this, id] {
    std::vector<chat::Member> found;
    const Conversation* conversation = find(id);
    if (conversation == nullptr) return found;
    for (const auto& [user, joined_at] : conversation->members) found.push_back({user, joined_at});
    return found;
  });
}

Task<MemberChange> MemoryStore::add_member(ConversationId id, UserId user) {
  return perform(Operation::other_write, [this, id, user] {
    Conversation* conversation = find(id);
    if (conversation == nullptr) return MemberChange::no_such_conversation;
    if (!accounts_.contains(user)) return MemberChange::no_such_user;
    const bool added = conversation->members.emplace(user, options_.clock()).second;
    return added ? MemberChange::done : MemberChange::no_change;
  });
}

Task<MemberChange> MemoryStore::remove_member(ConversationId id, UserId user) {
  return perform(Operation::other_write, [this, id, user] {
    Conversation* conversation = find(id);
    if (conversation == nullptr) return MemberChange::no_such_conversation;
    if (!accounts_.contains(user)) return MemberChange::no_such_user;
    return conversation->members.erase(user) == 1 ? MemberChange::done : MemberChange::no_change;
  });
}

Task<bool> MemoryStore::healthy() { co_return !options_.healthy || options_.healthy(); }

}  // namespace banter::store
