#include "chat/timeline.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "chat/limits.hpp"
#include "chat/window.hpp"

namespace banter::chat {

Timeline::Timeline(ConversationId conversation, Stretch latest)
    : conversation_(conversation), first_(latest.first), head_(latest.head), known_head_(head_) {
  for (auto& event : latest.events) {
    window_bytes_ += event.payload.size();
    window_.push_back(std::move(event));
  }
  ASSERT(window_.empty() || window_.back().seq == head_, "the newest events end at the head");
}

std::size_t Timeline::offer(Event event) {
  ASSERT(event.conversation == conversation_, "a timeline is of one conversation");
  if (event.seq <= head_) return 0;
  known_head_ = std::max(known_head_, event.seq);
  if (event.seq != head_.next()) {
    if (held_.size() < hold_events_max) held_.emplace(event.seq, std::move(event));
    return 0;
  }
  std::size_t readable = push(std::move(event));
  while (!held_.empty() && held_.begin()->first <= head_.next()) {
    auto next = held_.extract(held_.begin());
    if (next.key() == head_.next()) readable += push(std::move(next.mapped()));
  }
  return readable;
}

std::size_t Timeline::push(Event event) {
  head_ = event.seq;
  window_bytes_ += event.payload.size();
  window_.push_back(std::move(event));
  return 1;
}

void Timeline::learn_head(Seq head) { known_head_ = std::max(known_head_, head); }

std::optional<Gap> Timeline::gap() const {
  if (!held_.empty()) return Gap{.after = head_, .before = held_.begin()->first};
  if (known_head_ > head_) return Gap{.after = head_, .before = known_head_.next()};
  return std::nullopt;
}

void Timeline::trim(std::size_t events_max, std::size_t bytes_max) {
  while (window_.size() > 1 && (window_.size() > events_max || window_bytes_ > bytes_max)) {
    window_bytes_ -= window_.front().payload.size();
    window_.pop_front();
  }
}

std::optional<Stretch> Timeline::read(const Range& range) const {
  return read_window(window_, first_, head_, range);
}

bool Timeline::visit(const Range& range, const TakeEvent& take) const {
  const auto part = find_in_window(window_, first_, head_, range);
  if (!part) return false;
  for (std::size_t place = part->begin; place < part->end; ++place) take(window_[place]);
  return true;
}

}  // namespace banter::chat
