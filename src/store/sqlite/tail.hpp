// Tail: the committed events that are not in the table `events` yet, by conversation. What the
// table `tail` holds, held in memory, because there they lie in the order of commits. The writer's
// thread alone changes it, after its commits; readers ask from theirs.
//
// Readers ask the tail first and the database afterwards: an event leaves the tail only after the
// commit that put it into `events`, so whatever the tail no longer had is there.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "chat/event.hpp"
#include "chat/ports.hpp"

namespace banter::store {

// Events of a conversation up to a seq.
struct LogPart {
  ConversationId conversation;
  Seq up_to;
};

class Tail {
 public:
  // The events of the range that are here, and where the tail of the log begins and ends; nullopt:
  // none of the log is here. Any thread.
  struct Part {
    std::vector<chat::Event> events;
    Seq first;
    Seq head;
  };
  [[nodiscard]] std::optional<Part> read(ConversationId conversation,
                                         const chat::Range& range) const;
  // Seq{0}: none of that log is here. Any thread.
  [[nodiscard]] Seq head(ConversationId conversation) const;
  [[nodiscard]] std::vector<Seq> heads(std::span<const ConversationId> conversations) const;

  // The rest is for the writer's thread.
  void change(std::vector<chat::Event> added, std::span<const LogPart> gone);
  [[nodiscard]] std::span<const chat::Event> events(ConversationId conversation) const;
  [[nodiscard]] std::vector<LogPart> logs() const;            // all of each, by conversation
  [[nodiscard]] std::size_t size() const { return size_; }    // events
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // of memory, about

 private:
  mutable std::mutex mutex_;
  std::unordered_map<ConversationId, std::vector<chat::Event>> logs_;  // none empty
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

// What an event costs in memory and, about, on disk.
[[nodiscard]] std::size_t weight(const chat::Event& event);

}  // namespace banter::store
