#include "simulation/model_store.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <ranges>

#include "base/unavailable.hpp"
#include "chat/window.hpp"

namespace banter::simulation {

using namespace std::chrono_literals;
using chat::AppendResult;
using chat::AppendStatus;

Task<> NodeStore::go() {
  if (dead_) throw Unavailable("the node is gone");
  co_await sleep(weather_.latency());
  if (dead_ || weather_.store_away || weather_.mishap(0.03)) throw Unavailable("on the way there");
}

Task<> NodeStore::return_() {
  if (dead_) throw Unavailable("the node is gone");
  co_await sleep(weather_.latency());
  if (dead_ || weather_.mishap(0.03)) throw Unavailable("on the way back");
}

Task<std::vector<AppendResult>> NodeStore::append(std::span<const chat::PendingEvent> batch) {
  if (weather_.defect == Defect::ack_before_commit) {
    auto told = foretell(batch);
    boost::asio::co_spawn(co_await boost::asio::this_coro::executor,
                          carry_out_later({batch.begin(), batch.end()}), boost::asio::detached);
    co_return told;
  }
  if (weather_.defect == Defect::publish_before_commit) {
    std::vector<chat::Event> early;
    const auto told = foretell(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (told[i].status != AppendStatus::stored) continue;
      early.push_back({.conversation = batch[i].conversation,
                       .seq = told[i].seq,
                       .author = batch[i].author,
                       .payload = batch[i].payload,
                       .client_id = batch[i].client_id,
                       .at = told[i].at});
    }
    relayed_(early);
  }
  try {
    co_await go();
  } catch (const Unavailable&) {
    if (weather_.defect == Defect::numbers_from_a_sequence) {
      for (const auto& event : batch) ++model_.logs.at(event.conversation).numbered;
    }
    throw;
  }
  auto results = carry_out(batch);
  co_await return_();
  co_return results;
}

std::vector<AppendResult> NodeStore::carry_out(std::span<const chat::PendingEvent> batch) {
  std::vector<AppendResult> results;
  for (const auto& event : batch) results.push_back(carry_out(event));
  return results;
}

AppendResult NodeStore::carry_out(const chat::PendingEvent& event) {
  Log& log = model_.logs.at(event.conversation);
  if (!log.members.contains(event.author))
    return {.status = AppendStatus::forbidden, .seq = {}, .at = {}};
  auto& known = weather_.defect == Defect::dedupe_in_memory ? remembered_[event.conversation]
                                                            : log.by_client_id;
  if (!event.client_id.empty()) {
    const auto found = known.find({event.author, event.client_id});
    if (found != known.end()) {
      const auto place = std::ranges::lower_bound(log.events, found->second, {}, &chat::Event::seq);
      const bool same = place != log.events.end() && place->payload == event.payload;
      return {.status = same ? AppendStatus::duplicate : AppendStatus::conflict,
              .seq = found->second,
              .at = same ? place->at : Micros{}};
    }
  }
  const Seq seq{++log.numbered};
  log.events.push_back({.conversation = event.conversation,
                        .seq = seq,
                        .author = event.author,
                        .kind = event.kind,
                        .payload = event.payload,
                        .client_id = event.client_id,
                        .at = wall_now()});
  if (!event.client_id.empty()) known.emplace(std::pair(event.author, event.client_id), seq);
  return {.status = AppendStatus::stored, .seq = seq, .at = log.events.back().at};
}

// What the outcome would be, if nothing came between.
std::vector<AppendResult> NodeStore::foretell(std::span<const chat::PendingEvent> batch) {
  const auto before = model_;
  auto results = carry_out(batch);
  model_ = before;
  return results;
}

Task<> NodeStore::carry_out_later(std::vector<chat::PendingEvent> batch) {
  try {
    co_await go();
  } catch (const Unavailable&) {
    co_return;
  }
  static_cast<void>(carry_out(batch));
}

Task<chat::Stretch> NodeStore::read(ConversationId conversation, chat::Range range) {
  co_await go();
  if (weather_.defect == Defect::history_from_the_relay) {
    auto events = remembered_by_relay_(conversation);
    const Seq head = events.empty() ? Seq{} : events.back().seq;
    co_return chat::Stretch{.events = std::move(events), .first = Seq{1}, .head = head};
  }
  const Log& log = model_.logs.at(conversation);
  const auto begin = std::ranges::upper_bound(log.events, range.after, {}, &chat::Event::seq);
  const auto end = std::ranges::lower_bound(log.events, range.before, {}, &chat::Event::seq);
  std::vector<chat::Event> events;
  if (begin < end) events.assign(begin, end);
  if (events.size() > range.count) {
    const auto surplus = static_cast<std::ptrdiff_t>(events.size() - range.count);
    if (range.newest) {
      events.erase(events.begin(), events.begin() + surplus);
    } else {
      events.erase(events.end() - surplus, events.end());
    }
  }
  // bytes_max: what clients say here is far below it.
  chat::Stretch stretch{.events = std::move(events), .first = Seq{1}, .head = log.head()};
  co_await return_();
  co_return stretch;
}

Task<std::optional<chat::Access>> NodeStore::access(ConversationId conversation, UserId user) {
  co_await go();
  const Log& log = model_.logs.at(conversation);
  std::optional<chat::Access> access;
  if (log.members.contains(user)) access = {.first = Seq{1}, .head = log.head()};
  co_await return_();
  co_return access;
}

Task<std::vector<Seq>> NodeStore::heads(std::span<const ConversationId> conversations) {
  co_await go();
  std::vector<Seq> heads;
  for (const auto conversation : conversations)
    heads.push_back(model_.logs.at(conversation).head());
  co_await return_();
  co_return heads;
}

}  // namespace banter::simulation
