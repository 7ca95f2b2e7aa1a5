// How a session joins: history first, then whatever was stored meanwhile, then live, with nothing
// missing and nothing twice at the seams.

#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/unavailable.hpp"
#include "wire/event_json.hpp"
#include "ws/session.hpp"
#include "ws/session_joining.hpp"

namespace banter::ws {

using wire::CloseCode;

// The session was entered into the hub before this runs: a removal or deactivation from then on
// ends it, so what is looked up here cannot be outdated unnoticed.
Task<> Session::join() {
  try {
    timeline_ = co_await services_.timelines.open(conversation_);
    if (ended_) co_return;
    const auto access = co_await still_allowed();
    if (!access || ended_) co_return;
    // What was acknowledged before is shown, though no relay may have brought it yet.
    co_await services_.timelines.reach(timeline_, access->head);
    if (ended_) co_return;
    const http::UpgradeRequest& request = joining_->request;
    const bool resuming = request.since.has_value();
    if (resuming) services_.metrics.resumes.Increment();
    const std::string epoch = services_.store.epoch();
    const bool reset = resuming && (*request.since > timeline_->head() ||
                                    (request.since->value > 0 && request.epoch != epoch) ||
                                    (!request.epoch.empty() && request.epoch != epoch));
    if (reset) services_.metrics.resets.Increment();
    if (resuming && !reset) {
      last_sent_ = std::max(*request.since, Seq{timeline_->first().value - 1});
      co_await catch_up();
    } else {
      co_await send_first(reset || request.since_latest, reset);
    }
  } catch (const Unavailable& accident) {
    log::warn("join_failed", {{"conversation", conversation_.value}, {"reason", accident.what()}});
    end(CloseCode::try_again);
  }
}

Task<std::optional<chat::Access>> Session::still_allowed() {
  if (!co_await services_.accounts.is_active(user_)) {
    end(CloseCode::no_user);
    co_return std::nullopt;
  }
  auto access = co_await services_.store.access(conversation_, user_);
  if (!access) end(CloseCode::removed);
  co_return access;
}

// What the store gives may lie beyond what the timeline has heard of. It is told, so that nothing
// comes a second time when the session is live, and a page's head is no less than its end.
Task<chat::Stretch> Session::read(chat::Range range) {
  if (auto stretch = timeline_->read(range)) co_return std::move(*stretch);
  auto stretch = co_await services_.store.read(conversation_, range);
  if (!ended_) co_await services_.timelines.reach(timeline_, stretch.head);
  co_return stretch;
}

// The last window. While it is read from the store the log may grow: what came meanwhile follows as
// live frames, or as further pages for those that asked for them.
Task<> Session::send_first(bool with_extent, bool reset) {
  auto latest = co_await read(
      {.count = chat::history_default, .bytes_max = chat::first_frame_bytes_max, .newest = true});
  if (ended_) co_return;
  // The bound is on encoded bytes; escapes make them more than the payload's.
  std::span<const chat::Event> events = latest.events;
  std::size_t bytes = 0;
  for (const auto& event : events) bytes += wire::message_size(event) + 2;
  while (events.size() > 1 && bytes > chat::first_frame_bytes_max) {
    bytes -= wire::message_size(events.front()) + 2;
    events = events.subspan(1);
  }
  last_sent_ = latest.head;
  write_history(events, latest.head, with_extent, latest.head < timeline_->head(), reset);
  if (last_sent_ == timeline_->head()) {
    go_live();
  } else if (with_extent) {
    co_await catch_up();
  } else {
    co_await catch_up_silently();
  }
}

// Pages of everything after last_sent, each when the one before has left, until there is no more.
Task<> Session::catch_up() {
  do {
    co_await await_drained();
    if (ended_) co_return;
    auto page = co_await read({.after = last_sent_,
                               .count = chat::window_events_max,
                               .bytes_max = chat::resume_page_bytes_max});
    if (ended_) co_return;
    std::span<const chat::Event> events = page.events;
    std::size_t bytes = 0;
    std::size_t fitting = 0;
    for (const auto& event : events) {
      bytes += wire::message_size(event) + 2;
      if (fitting > 0 && bytes > chat::resume_page_bytes_max) break;
      ++fitting;
    }
    events = events.first(fitting);
    if (!events.empty()) last_sent_ = events.back().seq;
    const Seq head = std::max(page.head, timeline_->head());
    write_history(events, head, true, last_sent_ < head, false);
  } while (last_sent_ < timeline_->head());
  go_live();
}

// The same for a client that knows only one history frame: as live frames.
Task<> Session::catch_up_silently() {
  while (last_sent_ < timeline_->head()) {
    co_await await_drained();
    if (ended_) co_return;
    const auto page = co_await read({.after = last_sent_,
                                     .count = chat::window_events_max,
                                     .bytes_max = chat::resume_page_bytes_max});
    for (const auto& event : page.events) {
      if (chat::is_message(event)) {
        deliver(event.seq, wire::encode_live_frame(event));
      } else {
        pass_over(event.seq);
      }
    }
    if (ended_) co_return;
  }
  go_live();
}

Task<> Session::await_drained() {
  while (!ended_ && stream_->outbox_bytes() > 0) {
    boost::system::error_code cancelled;
    co_await joining_->drained.async_wait(boost::asio::redirect_error(use_task, cancelled));
  }
}

void Session::write_history(std::span<const chat::Event> events, Seq head, bool with_extent,
                            bool more, bool reset) {
  const std::string epoch = services_.store.epoch();
  std::optional<wire::HistoryExtent> extent;
  if (with_extent) {
    extent = wire::HistoryExtent{.from = events.empty() ? last_sent_.next() : events.front().seq,
                                 .to = last_sent_,
                                 .head = head,
                                 .more = more,
                                 .epoch = epoch,
                                 .reset = reset};
  }
  std::string text;
  wire::append_history(text, events, extent);
  write_text(text);
}

// In the same turn as the check that nothing is missing.
void Session::go_live() {
  if (ended_) return;
  services_.hub.join_audience(*this);
  joining_.reset();
}

}  // namespace banter::ws
