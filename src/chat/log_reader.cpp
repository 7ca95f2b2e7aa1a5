#include "chat/log_reader.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <exception>
#include <utility>

#include "base/unavailable.hpp"
#include "chat/limits.hpp"
#include "chat/window.hpp"

namespace banter::chat {

namespace {

constexpr Range newest_events{
    .count = window_events_max, .bytes_max = window_bytes_max, .newest = true};

// Cuts what is remembered to a window that ends at `head`. False: it does not hold each seq once.
bool make_window(std::vector<Event>& events, Seq head) {
  const auto beyond = std::ranges::upper_bound(events, head, {}, &Event::seq);
  events.erase(beyond, events.end());
  if (events.empty() || events.back().seq != head) return false;
  const auto broken = std::ranges::adjacent_find(
      events, [](const Event& a, const Event& b) { return b.seq != a.seq.next(); });
  return broken == events.end();
}

}  // namespace

struct LogReader::Refill {
  explicit Refill(Executor executor) : done(executor, SteadyTime::max()) {}
  Timer done;  // cancelled when the read has ended
  Stretch newest;
  std::exception_ptr error;
};

LogReader::LogReader(base::Reactor& reactor, ConversationStore& store, Relay& relay,
                     base::Metrics& metrics)
    : reactor_(reactor),
      store_(store),
      relay_(relay),
      hits_(
          metrics.counter("banter_chat_log_reads_total",
                          "Reads of conversations that are not live here, by where they came from",
                          {{"from", "relay"}})),
      misses_(
          metrics.counter("banter_chat_log_reads_total",
                          "Reads of conversations that are not live here, by where they came from",
                          {{"from", "store"}})) {}

Task<Stretch> LogReader::read(ConversationId conversation, Range range,
                              std::optional<Access> known) {
  if (!relay_.remembers()) co_return co_await store_.read(conversation, range);
  if (!known) {
    const Stretch extent = co_await store_.read(conversation, Range{});
    known = Access{.first = extent.first, .head = extent.head};
  }
  if (known->head < known->first) {
    co_return Stretch{.events = {}, .first = known->first, .head = known->head};
  }
  if (auto stretch = co_await remembered(conversation, *known, range)) {
    co_return *std::move(stretch);
  }
  misses_.Increment();
  if (range.newest) {
    const Stretch newest = co_await newest_from_store(conversation);
    if (newest.head >= known->head) {
      if (auto stretch = read_window(newest.events, newest.first, newest.head, range)) {
        co_return *std::move(stretch);
      }
    }
  }
  co_return co_await store_.read(conversation, range);
}

Task<std::vector<Event>> LogReader::read_known(ConversationId conversation, Access known,
                                               Range range) {
  if (relay_.remembers()) {
    auto stretch = co_await remembered(conversation, known, range);
    if (stretch && !stretch->events.empty()) co_return std::move(stretch->events);
    misses_.Increment();
  }
  auto stretch = co_await store_.read(conversation, range);
  co_return std::move(stretch.events);
}

Task<std::optional<Stretch>> LogReader::remembered(ConversationId conversation, Access known,
                                                   Range range) {
  auto events = co_await relay_.recent(conversation);
  if (!make_window(events, known.head)) co_return std::nullopt;
  auto stretch = read_window(events, known.first, known.head, range);
  if (stretch) hits_.Increment();
  co_return stretch;
}

// A reader that comes while another one reads gets what that one got, unless the log has grown
// beyond it since: the caller looks.
Task<Stretch> LogReader::newest_from_store(ConversationId conversation) {
  if (const auto found = refills_.find(conversation); found != refills_.end()) {
    const auto refill = found->second;
    boost::system::error_code cancelled;
    co_await refill->done.async_wait(boost::asio::redirect_error(use_task, cancelled));
    if (refill->error) std::rethrow_exception(refill->error);
    co_return refill->newest;
  }
  const auto refill = std::make_shared<Refill>(reactor_.executor());
  refills_.emplace(conversation, refill);
  try {
    refill->newest = co_await store_.read(conversation, newest_events);
    relay_.remember(refill->newest.events);
  } catch (const Unavailable&) {
    refill->error = std::current_exception();
  }
  refills_.erase(conversation);
  refill->done.cancel();
  if (refill->error) std::rethrow_exception(refill->error);
  co_return refill->newest;
}

}  // namespace banter::chat
