#include "store/sqlite/settler.hpp"

#include <algorithm>
#include <utility>

namespace banter::store {
namespace {

// A step moves twice what its transaction appended, but enough that a round also ends where commits
// hold one event each.
constexpr std::size_t step_events_min = 64;
constexpr std::size_t step_bytes_min = 64 * 1024;
constexpr std::int64_t step_rows = 64;  // of `tail`, deleted

}  // namespace

Settler::Settler(Connection& connection, const Tail& tail, ClientIds& client_ids, TailLimits limits)
    : tail_(tail),
      client_ids_(client_ids),
      limits_(limits),
      insert_(connection,
              "INSERT INTO events (conversation, seq, author, kind, at, client_id, payload)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      delete_(connection, "DELETE FROM tail WHERE id <= ?1") {}

bool Settler::begin_if_due(std::int64_t committed_id) {
  if (round_.on) return false;
  if (tail_.size() < limits_.events && tail_.bytes() < limits_.bytes) return false;
  logs_ = tail_.logs();
  round_ = {.on = true,
            .log = 0,
            .moved = Seq{0},
            .last_id = committed_id,
            .deleted_id = round_.deleted_id};
  before_ = round_;
  return true;
}

void Settler::step(std::span<const chat::Event> appended) {
  if (!round_.on) return;
  if (round_.log == logs_.size()) return remove();
  std::size_t bytes = 0;
  for (const auto& event : appended) bytes += weight(event);
  move(std::max(2 * appended.size(), step_events_min), std::max(2 * bytes, step_bytes_min));
}

void Settler::move(std::size_t events, std::size_t bytes) {
  while (events > 0 && bytes > 0 && round_.log < logs_.size()) {
    const auto [conversation, up_to] = logs_[round_.log];
    const auto log = tail_.events(conversation);
    const auto place_of = [&log](Seq seq) {
      return std::ranges::upper_bound(log, seq, {}, &chat::Event::seq);
    };
    const std::span rest(place_of(round_.moved), place_of(up_to));
    std::size_t taken = 0;
    while (taken < rest.size() && events > 0 && bytes > 0) {
      bytes -= std::min(bytes, weight(rest[taken]));
      --events;
      ++taken;
    }
    if (taken > 0) {
      place(rest.first(taken));
      moved_.push_back({.conversation = conversation, .up_to = rest[taken - 1].seq});
      round_.moved = rest[taken - 1].seq;
    }
    if (taken == rest.size()) {
      ++round_.log;
      round_.moved = Seq{0};
    }
  }
}

void Settler::place(std::span<const chat::Event> events) {
  keys_.clear();
  for (const auto& event : events) {
    insert_.run(event.conversation.value, event.seq.value, event.author.value,
                static_cast<std::int64_t>(event.kind), event.at.value,
                std::string_view(event.client_id), Blob{event.payload});
    if (!event.client_id.empty()) keys_.emplace_back(client_ids_.key(event), event.seq);
  }
  // In the order of the index: neighbours share a page.
  std::ranges::sort(keys_, {}, [](const auto& key) { return key.first.stored(); });
  for (const auto& [key, seq] : keys_) client_ids_.settle(key, seq);
}

void Settler::remove() {
  round_.deleted_id = std::min(round_.last_id, round_.deleted_id + step_rows);
  delete_.run(round_.deleted_id);
  round_.on = round_.deleted_id < round_.last_id;
}

std::vector<LogPart> Settler::take_moved() {
  before_ = round_;
  return std::exchange(moved_, {});
}

void Settler::forget_step() {
  moved_.clear();
  round_ = before_;
}

}  // namespace banter::store
