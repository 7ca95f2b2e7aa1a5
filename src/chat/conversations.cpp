#include "chat/conversations.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/assert.hpp"
#include "chat/limits.hpp"

namespace banter::chat {

Conversations::Conversations(base::Reactor& reactor, ConversationStore& store, LogReader& logs,
                             Timelines& timelines)
    : reactor_(reactor), store_(store), logs_(logs), timelines_(timelines), peers_{this} {}

void Conversations::set_peers(std::vector<Conversations*> peers) { peers_ = std::move(peers); }

std::size_t Conversations::home_of(ConversationId conversation) const {
  return std::hash<ConversationId>{}(conversation) % peers_.size();
}

Task<std::expected<ConversationId, UserId>> Conversations::create(UserId creator,
                                                                  std::vector<UserId> members) {
  co_return co_await store_.create_conversation(creator, std::move(members));
}

Task<std::vector<ConversationId>> Conversations::list(UserId user) {
  co_return co_await store_.conversations_of(user, conversations_listed_max);
}

Task<std::optional<Access>> Conversations::history(ConversationId conversation, UserId user,
                                                   Range range, TakeEvent take) {
  Conversations& home = *peers_[home_of(conversation)];
  if (&home == this) co_return co_await history_here(conversation, user, range, std::move(take));
  co_return co_await boost::asio::co_spawn(
      home.reactor_.executor(), home.history_here(conversation, user, range, std::move(take)),
      use_task);
}

Task<std::optional<Access>> Conversations::history_here(ConversationId conversation, UserId user,
                                                        Range range, TakeEvent take) {
  // Where others write too, what is in memory may lack what they have acknowledged.
  const bool shared = store_.shared();
  std::optional<Access> access;
  if (shared || !members_.knows(conversation, user, reactor_.turn_time())) {
    const std::uint64_t version = members_.version();
    access = co_await store_.access(conversation, user);
    if (!access) co_return std::nullopt;
    members_.remember(conversation, user, reactor_.turn_time(), version);
  }
  const Timeline* timeline = timelines_.find(conversation);
  if (timeline != nullptr && (!shared || timeline->head() >= access->head) &&
      timeline->visit(range, take)) {
    co_return Access{.first = timeline->first(), .head = timeline->head()};
  }
  const auto stretch = co_await logs_.read(conversation, range, access);
  for (const auto& event : stretch.events) take(event);
  co_return Access{.first = stretch.first, .head = stretch.head};
}

void Conversations::forget_members() { members_.forget(); }

bool Conversations::Members::knows(ConversationId conversation, UserId user, SteadyTime now) const {
  const auto found = until_.find({conversation, user});
  return found != until_.end() && now < found->second;
}

void Conversations::Members::remember(ConversationId conversation, UserId user, SteadyTime now,
                                      std::uint64_t version) {
  if (version != version_) return;  // something changed while the store was asked
  if (until_.size() >= entries_max) until_.clear();
  until_[{conversation, user}] = now + trusted_for;
}

void Conversations::Members::forget() {
  until_.clear();
  ++version_;
}

}  // namespace banter::chat
