// Hub: the people around the conversations of one reactor. Fan-out inside this process: one encoded
// frame to every live session of a conversation, a plain loop over outboxes. Also finds sessions
// that must end (account or membership gone, shutdown). Owned by app, one per reactor, on its
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "chat/event.hpp"
#include "wire/close_codes.hpp"

namespace banter::ws {

class Session;

class Hub {
 public:
  Hub(base::Reactor& reactor, base::Metrics& metrics);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // ---- called by sessions: known from open to close, in the audience once caught up
  void enter(Session& session);
  void leave(Session& session);
  void join_audience(Session& session);

  // To every live session of the event's conversation.
  void broadcast(const chat::Event& event);

  // ---- ends of others' making
  void end_user(UserId user, wire::CloseCode code);
  void end_member(ConversationId conversation, UserId user, wire::CloseCode code);
  void end_all(wire::CloseCode code);
  // Ends every session when its sends are answered, a few hundred per turn; new ones end at once.
  void shut_down();
  [[nodiscard]] bool shutting_down() const { return shutting_down_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  void end_some();

  base::Reactor& reactor_;
  std::vector<Session*> sessions_;
  std::unordered_map<ConversationId, std::vector<Session*>> audiences_;
  bool shutting_down_ = false;
  prometheus::Gauge& open_;
  prometheus::Counter& deliveries_;
  prometheus::Counter& frames_;
};

}  // namespace banter::ws
