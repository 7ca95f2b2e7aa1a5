#include "store/postgres/append_lane.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "chat/limits.hpp"

namespace banter::store::postgres {

using namespace std::chrono_literals;
using chat::AppendStatus;

namespace {

constexpr Statement append_statement{
    "append",
    "SELECT statuses, seqs, ats FROM banter.append($1::bigint[], $2::bigint[], $3::smallint[],"
    " $4::text[], $5::bytea[])"};
// After PostgreSQL refused a batch for the time being (too many locks, out of memory …).
constexpr auto refused_pause = 100ms;

Params params_of(std::span<const chat::PendingEvent* const> events) {
  std::vector<std::int64_t> conversations;
  std::vector<std::int64_t> authors;
  std::vector<std::int16_t> kinds;
  std::vector<std::string_view> client_ids;
  std::vector<std::string_view> payloads;
  for (const auto* event : events) {
    conversations.push_back(event->conversation.value);
    authors.push_back(event->author.value);
    kinds.push_back(static_cast<std::int16_t>(event->kind));
    client_ids.push_back(event->client_id);
    payloads.push_back(event->payload);
  }
  Params params;
  params.integers(conversations)
      .integers(authors)
      .small_integers(kinds)
      .strings(client_ids, Params::Element::text_or_null)
      .strings(payloads, Params::Element::bytes);
  return params;
}

}  // namespace

AppendCall::AppendCall(std::span<const chat::PendingEvent> events, SteadyTime deadline,
                       Answered answered)
    : events_(events),
      deadline_(deadline),
      answered_(std::move(answered)),
      results_(events.size(), {.status = AppendStatus::unknown, .seq = {}, .at = {}}),
      open_(events.size()) {}

void AppendCall::answer(std::size_t index, chat::AppendResult result) {
  if (answered()) return;
  results_[index] = result;
  if (--open_ == 0) std::exchange(answered_, nullptr)(std::move(results_));
}

std::size_t AppendCall::give_up() {
  if (answered()) return 0;
  std::exchange(answered_, nullptr)(std::move(results_));
  return open_;
}

AppendLane::AppendLane(Connection::Options options, Executor executor, Connection::Events events,
                       Counters counters)
    : executor_(executor),
      connection_(executor, std::move(options),
                  {.greet = std::move(events.greet),
                   .up =
                       [this, up = std::move(events.up)] {
                         up();
                         pump();
                       },
                   .down = std::move(events.down),
                   .failed = std::move(events.failed)}),
      counters_(std::move(counters)),
      pause_(executor) {}

void AppendLane::stop() {
  forget();
  pause_.cancel();
  connection_.stop();
}

void AppendLane::forget() {
  ++generation_;
  queue_.clear();
  again_.clear();
}

void AppendLane::append(const std::shared_ptr<AppendCall>& call,
                        std::vector<std::uint32_t> indexes) {
  queue_.push_back({.call = call, .indexes = std::move(indexes)});
  pump();
}

void AppendLane::pump() {
  if (in_flight_ || pausing_ || !connection_.up()) return;
  auto batch = take_batch();
  if (!batch.empty()) send(std::move(batch));
}

// Whole calls, so that nothing of another node comes between the events of one.
std::vector<AppendLane::Entry> AppendLane::take_batch() {
  std::vector<Entry> batch;
  std::size_t bytes = 0;
  const auto take = [&](Entry entry) {
    if (entry.call->answered()) return;  // given up meanwhile
    bytes += entry.call->event(entry.index).payload.size();
    batch.push_back(std::move(entry));
  };
  for (auto& entry : std::exchange(again_, {})) take(std::move(entry));
  while (!queue_.empty() && batch.size() < chat::append_batch_events_max &&
         bytes < chat::append_batch_bytes_max) {
    const Part part = std::move(queue_.front());
    queue_.pop_front();
    for (const auto index : part.indexes) take({.call = part.call, .index = index});
  }
  return batch;
}

void AppendLane::send(std::vector<Entry> batch) {
  std::vector<const chat::PendingEvent*> events;
  events.reserve(batch.size());
  for (const auto& entry : batch) events.push_back(&entry.call->event(entry.index));
  in_flight_ = true;
  connection_.send(append_statement, params_of(events),
                   [this, batch = std::move(batch), sent_at = steady_now(),
                    generation = generation_](Answer answer) mutable {
                     in_flight_ = false;
                     if (generation == generation_) on_answer(batch, std::move(answer), sent_at);
                     pump();
                   });
}

void AppendLane::on_answer(std::vector<Entry>& batch, Answer answer, SteadyTime sent_at) {
  if (!answer.failure && !answer.warned) {
    counters_.committed(batch.size(),
                        std::chrono::duration<double>(steady_now() - sent_at).count());
    return accept(batch, answer.rows);
  }
  if (!answer.failure) {
    // Such as a wait for a standby that was cancelled: it is committed here, and perhaps nowhere
    // else. Only another commit that waits to its end can tell.
    log::warn("append_unsafe", {{"events", batch.size()}});
    return send_again(batch, false);
  }
  if (answer.failure->lost) return send_again(batch, false);
  log::error("append_refused",
             {{"sqlstate", answer.failure->sqlstate}, {"error", answer.failure->message}});
  pausing_ = true;
  pause_.expires_after(refused_pause);
  pause_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    pausing_ = false;
    pump();
  });
  send_again(batch, true);
}

void AppendLane::accept(std::vector<Entry>& batch, const Rows& rows) {
  const auto statuses = rows.integers(0, 0);
  const auto seqs = rows.integers(0, 1);
  const auto ats = rows.integers(0, 2);
  ASSERT(
      statuses.size() == batch.size() && seqs.size() == batch.size() && ats.size() == batch.size(),
      "banter.append answers for each event");
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto status = static_cast<AppendStatus>(statuses[i]);
    // It was this call that stored it, the time before.
    if (status == AppendStatus::duplicate && batch[i].sent_before) status = AppendStatus::stored;
    batch[i].call->answer(batch[i].index,
                          {.status = status, .seq = Seq{seqs[i]}, .at = Micros{ats[i]}});
  }
}

void AppendLane::send_again(std::vector<Entry>& batch, bool nothing_was_done) {
  counters_.retried();
  for (auto& entry : batch) {
    if (entry.call->answered()) continue;
    if (!nothing_was_done && entry.call->event(entry.index).client_id.empty()) {
      entry.call->answer(entry.index, {.status = AppendStatus::unknown, .seq = {}, .at = {}});
      continue;
    }
    entry.sent_before = entry.sent_before || !nothing_was_done;
    again_.push_back(std::move(entry));
  }
}

}  // namespace banter::store::postgres
