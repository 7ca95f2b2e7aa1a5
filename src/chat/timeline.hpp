// Timeline: the ordered reader of one conversation on this node. Events come in any order, some not
// at all, some twice; out of it come head + 1, head + 2, … . It keeps a window of the newest ones,
// so that history and resume are answered from memory. Pure: no clock, no I/O; owned by Timelines,
// used on the conversation's home reactor.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>

#include "chat/event.hpp"
#include "chat/ports.hpp"

namespace banter::chat {

// Events that were missed: after < seq < before.
struct Gap {
  Seq after;
  Seq before;
};

class Timeline {
 public:
  // latest: the newest events of the log and its head, as read from the store.
  Timeline(ConversationId conversation, Stretch latest);

  [[nodiscard]] ConversationId conversation() const { return conversation_; }
  [[nodiscard]] Seq first() const { return first_; }
  // Everything up to here has been delivered (or was there at the start).
  [[nodiscard]] Seq head() const { return head_; }

  // Takes an event of this conversation. Returns how many became readable: the newest that many of
  // window(). 0: seen before, or early and held until the gap before it is filled. At most
  // hold_events_max early ones are held; beyond that they are dropped, and gap() names them too.
  [[nodiscard]] std::size_t offer(Event event);
  // The log is known to reach at least `head` (a lost tail).
  void learn_head(Seq head);
  [[nodiscard]] Seq known_head() const { return known_head_; }
  // What to fetch from the store, oldest first; nullopt: nothing is known to be missing.
  [[nodiscard]] std::optional<Gap> gap() const;

  // The newest events, contiguous, oldest first, ending at head().
  [[nodiscard]] const std::deque<Event>& window() const { return window_; }
  [[nodiscard]] std::size_t window_bytes() const { return window_bytes_; }
  // Drops the oldest events of the window past either bound; one always stays.
  void trim(std::size_t events_max, std::size_t bytes_max);

  // The range if the window holds all of it, else nullopt (ask the store).
  [[nodiscard]] std::optional<Stretch> read(const Range& range) const;
  // The same without copies: `take` sees each of its events, oldest first. False: ask the store.
  [[nodiscard]] bool visit(const Range& range, const TakeEvent& take) const;

 private:
  std::size_t push(Event event);

  ConversationId conversation_;
  Seq first_;
  Seq head_;
  Seq known_head_;  // >= head_
  std::deque<Event> window_;
  std::size_t window_bytes_ = 0;
  std::map<Seq, Event> held_;
};

}  // namespace banter::chat
