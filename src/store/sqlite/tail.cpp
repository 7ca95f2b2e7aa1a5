#include "store/sqlite/tail.hpp"

#include <algorithm>
#include <utility>

namespace banter::store {
namespace {

// The events with after < seq < before. Seqs of a log have no hole, so places follow from them.
std::span<const chat::Event> within(const std::vector<chat::Event>& log, const chat::Range& range) {
  const std::int64_t first = log.front().seq.value;
  const std::int64_t end = log.back().seq.value + 1;
  const auto from = std::clamp(range.after.value, first - 1, end - 1) + 1;
  const auto to = std::clamp(range.before.value, first, end);
  if (from >= to) return {};
  return std::span(log).subspan(static_cast<std::size_t>(from - first),
                                static_cast<std::size_t>(to - from));
}

}  // namespace

std::size_t weight(const chat::Event& event) {
  return sizeof(chat::Event) + event.payload.size() + event.client_id.size();
}

std::optional<Tail::Part> Tail::read(ConversationId conversation, const chat::Range& range) const {
  const std::scoped_lock lock(mutex_);
  const auto found = logs_.find(conversation);
  if (found == logs_.end()) return std::nullopt;
  const auto& log = found->second;
  auto wanted = within(log, range);
  const std::size_t count = std::min(range.count, wanted.size());
  wanted = range.newest ? wanted.last(count) : wanted.first(count);
  return Part{
      .events = {wanted.begin(), wanted.end()}, .first = log.front().seq, .head = log.back().seq};
}

Seq Tail::head(ConversationId conversation) const {
  const std::scoped_lock lock(mutex_);
  const auto found = logs_.find(conversation);
  return found == logs_.end() ? Seq{0} : found->second.back().seq;
}

std::vector<Seq> Tail::heads(std::span<const ConversationId> conversations) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Seq> heads;
  heads.reserve(conversations.size());
  for (const auto conversation : conversations) {
    const auto found = logs_.find(conversation);
    heads.push_back(found == logs_.end() ? Seq{0} : found->second.back().seq);
  }
  return heads;
}

void Tail::change(std::vector<chat::Event> added, std::span<const LogPart> gone) {
  const std::scoped_lock lock(mutex_);
  for (const auto& part : gone) {
    const auto found = logs_.find(part.conversation);
    auto& log = found->second;
    const auto end = std::ranges::upper_bound(log, part.up_to, {}, &chat::Event::seq);
    for (auto event = log.begin(); event != end; ++event) bytes_ -= weight(*event);
    size_ -= static_cast<std::size_t>(end - log.begin());
    log.erase(log.begin(), end);
    if (log.empty()) logs_.erase(found);
  }
  for (auto& event : added) {
    bytes_ += weight(event);
    ++size_;
    logs_[event.conversation].push_back(std::move(event));
  }
}

// The writer's thread is the only one that changes anything, so it reads without the lock.
std::span<const chat::Event> Tail::events(ConversationId conversation) const {
  const auto found = logs_.find(conversation);
  if (found == logs_.end()) return {};
  return found->second;
}

std::vector<LogPart> Tail::logs() const {
  std::vector<LogPart> found;
  found.reserve(logs_.size());
  for (const auto& [conversation, log] : logs_) {
    found.push_back({.conversation = conversation, .up_to = log.back().seq});
  }
  std::ranges::sort(found, {}, &LogPart::conversation);
  return found;
}

}  // namespace banter::store
