#include "ws/hub.hpp"

#include <memory>
#include <string>

#include "base/assert.hpp"
#include "chat/limits.hpp"
#include "wire/event_json.hpp"
#include "ws/session.hpp"

namespace banter::ws {

namespace {

constexpr std::size_t ends_per_turn = 500;

// Takes the element at `place` out of a list in which every session knows its place.
void take_out(std::vector<Session*>& list, std::uint32_t Session::* place, Session& session) {
  const std::uint32_t at = session.*place;
  ASSERT(at < list.size() && list[at] == &session, "every session knows its place");
  list[at] = list.back();
  list[at]->*place = at;
  list.pop_back();
}

}  // namespace

Hub::Hub(base::Reactor& reactor, base::Metrics& metrics)
    : reactor_(reactor),
      open_(metrics.gauge("banter_ws_sockets", "Open WebSockets")),
      deliveries_(metrics.counter("banter_ws_deliveries_total",
                                  "Events put into the outboxes of live sockets")),
      frames_(metrics.counter("banter_ws_frames_encoded_total",
                              "Events encoded for live sockets, once for all of them")) {}

void Hub::enter(Session& session) {
  session.place_ = static_cast<std::uint32_t>(sessions_.size());
  sessions_.push_back(&session);
  open_.Increment();
}

void Hub::leave(Session& session) {
  take_out(sessions_, &Session::place_, session);
  open_.Decrement();
  if (!session.live_) return;
  session.live_ = false;
  const auto audience = audiences_.find(session.conversation());
  take_out(audience->second, &Session::audience_place_, session);
  if (audience->second.empty()) audiences_.erase(audience);
}

void Hub::join_audience(Session& session) {
  auto& audience = audiences_[session.conversation()];
  session.audience_place_ = static_cast<std::uint32_t>(audience.size());
  session.live_ = true;
  audience.push_back(&session);
}

void Hub::broadcast(const chat::Event& event) {
  const auto found = audiences_.find(event.conversation);
  if (found == audiences_.end()) return;
  const auto& audience = found->second;
  if (!chat::is_message(event)) {
    for (Session* session : audience) session->pass_over(event.seq);
    return;
  }
  std::string frame = wire::encode_live_frame(event);
  frames_.Increment();
  deliveries_.Increment(static_cast<double>(audience.size()));
  if (frame.size() < chat::shared_frame_bytes_min) {
    for (Session* session : audience) session->deliver(event.seq, frame);
  } else {
    const auto shared = std::make_shared<const std::string>(std::move(frame));
    for (Session* session : audience) session->deliver(event.seq, shared);
  }
}

void Hub::end_user(UserId user, wire::CloseCode code) {
  for (Session* session : sessions_) {
    if (session->user() == user) session->end(code);
  }
}

void Hub::end_member(ConversationId conversation, UserId user, wire::CloseCode code) {
  for (Session* session : sessions_) {
    if (session->user() == user && session->conversation() == conversation) {
      session->end(code);
    }
  }
}

void Hub::end_all(wire::CloseCode code) {
  for (Session* session : sessions_) session->end(code);
}

void Hub::shut_down() {
  if (shutting_down_) return;
  shutting_down_ = true;
  end_some();
}

void Hub::end_some() {
  std::size_t left = ends_per_turn;
  for (std::size_t i = sessions_.size(); i-- > 0 && left > 0;) {
    if (sessions_[i]->ended() || sessions_[i]->winding_down()) continue;
    sessions_[i]->wind_down();
    --left;
  }
  if (left == 0) reactor_.post([this] { end_some(); });
}

}  // namespace banter::ws
