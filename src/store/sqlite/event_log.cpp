#include "store/sqlite/event_log.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "chat/limits.hpp"
#include "store/sqlite/commit_record.hpp"

namespace banter::store {
namespace {

// About 10 MB of memory each. Past it everything is forgotten and asked again: rare and cheap.
constexpr std::size_t remembered_max = 100'000;

chat::AppendResult refused(chat::AppendStatus status) {
  return {.status = status, .seq = {}, .at = {}};
}

}  // namespace

EventLog::EventLog(Connection& connection, Tail& tail, TailLimits limits)
    : connection_(connection),
      tail_(tail),
      client_ids_(connection),
      settler_(connection, tail, client_ids_, limits),
      insert_(connection, "INSERT INTO tail (id, events) VALUES (?1, ?2)"),
      select_settled_(connection,
                      "SELECT author, client_id, kind, payload, at FROM events"
                      " WHERE conversation = ?1 AND seq = ?2"),
      select_member_(connection, "SELECT 1 FROM members WHERE conversation = ?1 AND user = ?2"),
      select_head_(connection,
                   "SELECT coalesce((SELECT max(seq) FROM events WHERE conversation = ?1),"
                   " first_seq - 1) FROM conversations WHERE id = ?1") {
  load();
}

void EventLog::load() {
  std::vector<chat::Event> events;
  std::vector<std::int64_t> leftovers;  // rows of nothing but events that were moved already
  Statement select(connection_, "SELECT id, events FROM tail ORDER BY id");
  Transaction transaction(connection_, Transaction::Kind::immediate);
  for (auto rows = select.rows(); rows.next();) {
    if (committed_id_ == 0) settler_.rows_begin_at(rows.integer(0));
    committed_id_ = rows.integer(0);
    auto record = decode_commit(rows.bytes(1));
    if (!record) throw SqlError(SQLITE_CORRUPT, "a record of the table tail is damaged");
    std::erase_if(*record, [this](const auto& event) {
      return event.seq <= head_of(event.conversation);  // of the settled: the tail is empty yet
    });
    if (record->empty()) leftovers.push_back(committed_id_);
    std::ranges::move(*record, std::back_inserter(events));
  }
  Statement remove(connection_, "DELETE FROM tail WHERE id = ?1");
  for (const auto id : leftovers) remove.run(id);
  transaction.commit();
  heads_.clear();
  for (const auto& event : events) {
    if (!event.client_id.empty()) client_ids_.add_to_tail(client_ids_.key(event), event.seq);
  }
  tail_.change(std::move(events), {});
  begin_round_if_due();
}

std::vector<chat::AppendResult> EventLog::append(std::span<const chat::PendingEvent> batch,
                                                 Micros now) {
  ASSERT(batch.size() <= chat::append_batch_events_max, "the port bounds a batch");
  std::vector<chat::AppendResult> results;
  results.reserve(batch.size());
  for (const auto& event : batch) results.push_back(append_one(event, now));
  return results;
}

chat::AppendResult EventLog::append_one(const chat::PendingEvent& event, Micros now) {
  if (!is_member({.conversation = event.conversation, .user = event.author})) {
    return refused(chat::AppendStatus::forbidden);
  }
  std::optional<ClientIds::Key> key;
  if (!event.client_id.empty()) {
    key = client_ids_.key(event.conversation, event.author, event.client_id);
    if (const auto answer = answered(event, *key)) return *answer;
  }
  Seq& head = head_of(event.conversation);
  const Seq seq = head.next();
  head = seq;
  if (key) client_ids_.add_to_tail(*key, seq);
  pending_.push_back({.conversation = event.conversation,
                      .seq = seq,
                      .author = event.author,
                      .kind = event.kind,
                      .payload = event.payload,
                      .client_id = event.client_id,
                      .at = now});
  return {.status = chat::AppendStatus::stored, .seq = seq, .at = now};
}

std::optional<chat::AppendResult> EventLog::answered(const chat::PendingEvent& event,
                                                     ClientIds::Key key) {
  for (const Seq seq : client_ids_.in_tail(key)) {
    const chat::Event* stored = find_in_tail(event.conversation, seq);
    if (stored == nullptr) continue;  // moved since
    if (stored->author != event.author || stored->client_id != event.client_id) continue;
    if (stored->kind != event.kind || stored->payload != event.payload) {
      return refused(chat::AppendStatus::conflict);
    }
    return chat::AppendResult{
        .status = chat::AppendStatus::duplicate, .seq = seq, .at = stored->at};
  }
  for (const Seq seq : client_ids_.settled(key)) {
    if (const auto answer = compare_with_settled(event, seq)) return answer;
  }
  return std::nullopt;
}

const chat::Event* EventLog::find_in_tail(ConversationId conversation, Seq seq) const {
  const auto log = tail_.events(conversation);
  if (!log.empty() && seq <= log.back().seq) {
    const auto place = seq.value - log.front().seq.value;
    return place < 0 ? nullptr : &log[static_cast<std::size_t>(place)];
  }
  for (const auto& event : pending_ | std::views::reverse) {
    if (event.conversation == conversation && event.seq == seq) return &event;
  }
  return nullptr;
}

std::optional<chat::AppendResult> EventLog::compare_with_settled(const chat::PendingEvent& event,
                                                                 Seq seq) {
  auto rows = select_settled_.rows(event.conversation.value, seq.value);
  ASSERT(rows.next(), "client_ids is written together with events");
  if (rows.integer(0) != event.author.value || rows.bytes(1) != event.client_id) {
    return std::nullopt;  // another client_id of the same fingerprint
  }
  if (rows.integer(2) != static_cast<std::int64_t>(event.kind) || rows.bytes(3) != event.payload) {
    return refused(chat::AppendStatus::conflict);
  }
  return chat::AppendResult{
      .status = chat::AppendStatus::duplicate, .seq = seq, .at = Micros{rows.integer(4)}};
}

bool EventLog::is_member(Membership membership) {
  if (members_.contains(membership)) return true;
  auto rows = select_member_.rows(membership.conversation.value, membership.user.value);
  if (!rows.next()) return false;
  if (members_.size() >= remembered_max) members_.clear();
  members_.insert(membership);
  return true;
}

Seq& EventLog::head_of(ConversationId conversation) {
  if (const auto known = heads_.find(conversation); known != heads_.end()) return known->second;
  // A head that is forgotten while its log has events in this transaction would be wrong.
  if (heads_.size() >= remembered_max && pending_.empty()) heads_.clear();
  Seq head = tail_.head(conversation);
  if (head == Seq{0}) {
    auto rows = select_head_.rows(conversation.value);
    ASSERT(rows.next(), "a conversation with a member exists: members refer to it");
    head = Seq{rows.integer(0)};
  }
  return heads_.emplace(conversation, head).first->second;
}

void EventLog::store() {
  if (!pending_.empty()) {
    const auto record = encode_commit(pending_);
    insert_.run(committed_id_ + 1, Blob{record});
  }
  settler_.step(pending_);
}

void EventLog::committed() {
  if (!pending_.empty()) ++committed_id_;
  const auto moved = settler_.take_moved();
  tail_.change(std::exchange(pending_, {}), moved);
  begin_round_if_due();
}

void EventLog::begin_round_if_due() {
  if (settler_.begin_if_due(committed_id_)) client_ids_.begin_round();
}

void EventLog::rolled_back() {
  for (const auto& event : pending_) {
    if (!event.client_id.empty()) client_ids_.undo(client_ids_.key(event), event.seq);
  }
  pending_.clear();
  settler_.forget_step();
  heads_.clear();
  members_.clear();
}

}  // namespace banter::store
