// Conversations: the use-cases of chat on one reactor: create, list, history, and what a socket
// needs to join and post. One object per reactor; a conversation has a home reactor (by hash of its
// id), whose timelines and append queue serve it. The three tasks may be awaited on any reactor's
// object; they go to the home themselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/reactor.hpp"
#include "base/task.hpp"
#include "chat/event.hpp"
#include "chat/log_reader.hpp"
#include "chat/ports.hpp"
#include "chat/timelines.hpp"

namespace banter::chat {

class Conversations {
 public:
  Conversations(base::Reactor& reactor, ConversationStore& store, LogReader& logs,
                Timelines& timelines);

  // All reactors' objects, in the order of the reactors; once, before the first call.
  void set_peers(std::vector<Conversations*> peers);
  [[nodiscard]] std::size_t home_of(ConversationId conversation) const;

  // The error is the first id that is no user.
  [[nodiscard]] Task<std::expected<ConversationId, UserId>> create(UserId creator,
                                                                   std::vector<UserId> members);
  [[nodiscard]] Task<std::vector<ConversationId>> list(UserId user);
  // `take` sees the events of the range, oldest first, on the conversation's home reactor and
  // before this has an answer: where the log begins and ended then. nullopt: not a member, or no
  // such conversation.
  [[nodiscard]] Task<std::optional<Access>> history(ConversationId conversation, UserId user,
                                                    Range range, TakeEvent take);
  [[nodiscard]] std::string epoch() const { return store_.epoch(); }
  // Memberships changed: the next reader is looked up again. On this object's reactor.
  void forget_members();

 private:
  // Who was found to be a member a moment ago, so that reading a live conversation again asks no
  // store. Only "yes" is remembered, for a second, and forgotten at every change.
  class Members {
   public:
    [[nodiscard]] bool knows(ConversationId conversation, UserId user, SteadyTime now) const;
    // version: as it was before the store was asked.
    void remember(ConversationId conversation, UserId user, SteadyTime now, std::uint64_t version);
    void forget();
    [[nodiscard]] std::uint64_t version() const { return version_; }

   private:
    static constexpr std::size_t entries_max = 10'000;
    static constexpr std::chrono::seconds trusted_for{1};
    struct Hash {
      std::size_t operator()(const std::pair<ConversationId, UserId>& key) const noexcept {
        return std::hash<ConversationId>{}(key.first) * 31 + std::hash<UserId>{}(key.second);
      }
    };
    std::unordered_map<std::pair<ConversationId, UserId>, SteadyTime, Hash> until_;
    std::uint64_t version_ = 0;
  };

  Task<std::optional<Access>> history_here(ConversationId conversation, UserId user, Range range,
                                           TakeEvent take);

  base::Reactor& reactor_;
  ConversationStore& store_;
  LogReader& logs_;
  Timelines& timelines_;
  std::vector<Conversations*> peers_;
  Members members_;
};

}  // namespace banter::chat
