#include "chat/timelines.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <exception>
#include <vector>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/unavailable.hpp"
#include "chat/limits.hpp"

namespace banter::chat {

namespace {

// While the windows of a reactor are over their budget, each is cut to this as it grows.
constexpr std::size_t frugal_window_bytes = 16 * 1024;
constexpr std::size_t repair_events_max = 256;  // of one read
constexpr auto repair_pause = 1s;               // after the store failed, or did not have it yet
constexpr std::size_t heads_max = 5'000;        // of one question; ports.hpp
const std::vector<double> heads_buckets{0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1};

}  // namespace

struct Timelines::Load {
  explicit Load(Executor executor) : done(executor, SteadyTime::max()) {}
  Timer done;  // cancelled when the load has ended
  std::exception_ptr error;
};

struct Timelines::Entry {
  ConversationId conversation;
  std::size_t leases = 0;
  std::optional<Timeline> timeline;  // empty until loaded
  std::shared_ptr<Load> load;
  std::vector<Event> early;  // relayed while loading
  SteadyTime unused_since{};
  bool repairing = false;
  bool retired = false;
};

// A wait of a coroutine that stop() cuts short.
class Timelines::Pause {
 public:
  Pause(Timelines& owner, SteadyTime::duration time)
      : pauses_(owner.pauses_), timer_(owner.reactor_.executor(), time) {
    pauses_->insert(this);
  }
  ~Pause() { pauses_->erase(this); }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  Task<> wait() {
    boost::system::error_code cancelled;
    co_await timer_.async_wait(boost::asio::redirect_error(use_task, cancelled));
  }
  void cancel() { timer_.cancel(); }

 private:
  std::shared_ptr<std::set<Pause*>> pauses_;
  Timer timer_;
};

Timelines::Lease::Lease(Timelines& owner, Entry& entry) : owner_(&owner), entry_(&entry) {
  ++entry.leases;
}

void Timelines::Lease::reset() {
  if (entry_ == nullptr) return;
  if (--entry_->leases == 0) entry_->unused_since = owner_->reactor_.turn_time();
  entry_ = nullptr;
}

Timeline& Timelines::Lease::operator*() const {
  ASSERT(entry_ != nullptr && entry_->timeline, "open() returns leases of loaded timelines");
  return *entry_->timeline;
}

Timelines::Timelines(base::Reactor& reactor, ConversationStore& store, LogReader& logs,
                     Relay& relay, base::Metrics& metrics,
                     std::function<void(const Event&)> deliver,
                     std::chrono::milliseconds repair_grace)
    : reactor_(reactor),
      store_(store),
      logs_(logs),
      relay_(relay),
      deliver_(std::move(deliver)),
      repair_grace_(repair_grace),
      live_(metrics.gauge("banter_chat_conversations_live",
                          "Conversations whose newest events are held in memory")),
      window_bytes_gauge_(metrics.gauge("banter_chat_window_bytes",
                                        "Payload bytes of recent events held in memory")),
      repairs_(metrics.counter("banter_chat_repairs_total",
                               "Gaps that were filled from the store because a relay lost events")),
      heads_seconds_(metrics.histogram("banter_chat_heads_seconds",
                                       "One question for the heads of up to 5,000 conversations",
                                       heads_buckets)) {}

Timelines::~Timelines() = default;

Task<Timelines::Lease> Timelines::open(ConversationId conversation) {
  auto& slot = entries_[conversation];
  if (!slot) {
    slot = std::make_unique<Entry>();
    slot->conversation = conversation;
  }
  Lease lease(*this, *slot);
  Entry& entry = *slot;
  if (entry.timeline) co_return lease;
  if (entry.load) {
    const auto load = entry.load;
    boost::system::error_code cancelled;
    co_await load->done.async_wait(boost::asio::redirect_error(use_task, cancelled));
    if (load->error) std::rethrow_exception(load->error);
    co_return lease;
  }
  const auto load = entry.load = std::make_shared<Load>(reactor_.executor());
  try {
    co_await this->load(entry);
  } catch (const Unavailable&) {
    load->error = std::current_exception();
  }
  entry.load.reset();
  load->done.cancel();
  if (load->error) std::rethrow_exception(load->error);
  co_return lease;
}

// The subscription comes before the read: what is stored in between is then heard of twice, not
// never.
Task<> Timelines::load(Entry& entry) {
  co_await relay_.subscribe(entry.conversation, reactor_.executor(), *this);
  auto latest = co_await logs_.read(
      entry.conversation,
      {.count = window_events_max, .bytes_max = window_bytes_max, .newest = true});
  if (entry.retired) throw Unavailable("the epoch changed");
  entry.timeline.emplace(entry.conversation, std::move(latest));
  window_bytes_ += entry.timeline->window_bytes();
  live_.Increment();
  for (auto& event : std::exchange(entry.early, {})) take(entry, std::move(event));
}

Task<> Timelines::reach(Lease& lease, Seq head) {
  Entry& entry = *lease.entry_;
  while (entry.timeline->head() < head) {
    const Seq after = entry.timeline->head();
    auto events = co_await logs_.read_known(
        entry.conversation, {.first = entry.timeline->first(), .head = head},
        {.after = after, .before = head.next(), .count = repair_events_max});
    if (entry.retired) throw Unavailable("the epoch changed");
    for (auto& event : events) take(entry, std::move(event));
    if (entry.timeline->head() == after) throw Unavailable("the log could not be read to its head");
  }
}

Timeline* Timelines::find(ConversationId conversation) {
  const auto found = entries_.find(conversation);
  if (found == entries_.end() || !found->second->timeline) return nullptr;
  return &*found->second->timeline;
}

void Timelines::offer(Event event) {
  const auto found = entries_.find(event.conversation);
  if (found == entries_.end()) return;
  Entry& entry = *found->second;
  if (entry.timeline) {
    take(entry, std::move(event));
  } else if (entry.early.size() < hold_events_max) {
    entry.early.push_back(std::move(event));
  }
}

void Timelines::on_relayed(std::vector<Event> events) {
  for (auto& event : events) offer(std::move(event));
}

void Timelines::take(Entry& entry, Event event) {
  Timeline& timeline = *entry.timeline;
  const std::size_t before = timeline.window_bytes();
  const std::size_t readable = timeline.offer(std::move(event));
  const auto& window = timeline.window();
  for (std::size_t i = window.size() - readable; i < window.size(); ++i) deliver_(window[i]);
  const bool frugal = window_bytes_ > windows_bytes_max;
  timeline.trim(window_events_max, frugal ? frugal_window_bytes : window_bytes_max);
  window_bytes_ += timeline.window_bytes() - before;
  begin_repair(entry);
}

void Timelines::begin_repair(Entry& entry) {
  if (entry.repairing || !entry.timeline->gap() || stopping_) return;
  entry.repairing = true;
  boost::asio::co_spawn(reactor_.executor(), repair(Lease(*this, entry)), boost::asio::detached);
}

Task<> Timelines::repair(Lease lease) {
  Entry& entry = *lease.entry_;
  if (repair_grace_ > 0ms) {
    Pause grace(*this, repair_grace_);
    co_await grace.wait();
  }
  if (!stopping_ && !entry.retired && entry.timeline->gap()) repairs_.Increment();
  while (!stopping_ && !entry.retired) {
    const auto gap = entry.timeline->gap();
    if (!gap) break;
    bool progress = false;
    try {
      auto events = co_await logs_.read_known(
          entry.conversation,
          {.first = entry.timeline->first(), .head = Seq{gap->before.value - 1}},
          {.after = gap->after, .before = gap->before, .count = repair_events_max});
      if (entry.retired) break;
      progress = !events.empty();
      for (auto& event : events) take(entry, std::move(event));
    } catch (const Unavailable& accident) {
      log::warn("repair_failed",
                {{"conversation", entry.conversation.value}, {"reason", accident.what()}});
    }
    if (progress || stopping_) continue;
    Pause pause(*this, repair_pause);
    co_await pause.wait();
  }
  entry.repairing = false;
}

// ---- lost tails

void Timelines::ask_heads() {
  if (!store_.shared() || stopping_) return;
  if (asking_heads_) {
    ask_heads_again_ = true;
    return;
  }
  asking_heads_ = true;
  boost::asio::co_spawn(reactor_.executor(), compare_heads(), boost::asio::detached);
}

// Chunk by chunk, so that a node of many conversations asks nothing large. A store that is down is
// asked again by the next sweep; it tells of its state itself.
Task<> Timelines::compare_heads() {
  do {
    ask_heads_again_ = false;
    std::vector<ConversationId> live;
    live.reserve(entries_.size());
    for (const auto& [conversation, entry] : entries_) {
      if (entry->timeline) live.push_back(conversation);
    }
    for (std::size_t from = 0; from < live.size() && !stopping_; from += heads_max) {
      const std::span chunk(live.data() + from, std::min(heads_max, live.size() - from));
      if (!co_await compare_heads(chunk)) break;
    }
  } while (ask_heads_again_ && !stopping_);
  asking_heads_ = false;
}

Task<bool> Timelines::compare_heads(std::span<const ConversationId> conversations) {
  const SteadyTime asked_at = steady_now();
  std::vector<Seq> heads;
  try {
    heads = co_await store_.heads(conversations);
  } catch (const Unavailable&) {
    co_return false;
  }
  heads_seconds_.Observe(std::chrono::duration<double>(steady_now() - asked_at).count());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto found = entries_.find(conversations[i]);
    if (found == entries_.end() || !found->second->timeline) continue;
    Entry& entry = *found->second;
    if (heads[i] <= entry.timeline->known_head()) continue;
    entry.timeline->learn_head(heads[i]);
    begin_repair(entry);
  }
  co_return true;
}

// ---- the end of timelines

void Timelines::sweep(SteadyTime now) {
  std::erase_if(retired_, [](const auto& entry) { return entry->leases == 0; });
  std::erase_if(entries_, [&](auto& item) {
    Entry& entry = *item.second;
    if (entry.leases > 0 || now - entry.unused_since < timeline_linger) return false;
    retire(entry);
    return true;
  });
  window_bytes_gauge_.Set(static_cast<double>(window_bytes_));
  ask_heads();
}

void Timelines::forget_all() {
  for (auto& [conversation, entry] : entries_) {
    retire(*entry);
    if (entry->leases > 0) retired_.push_back(std::move(entry));
  }
  entries_.clear();
}

void Timelines::retire(Entry& entry) {
  relay_.unsubscribe(entry.conversation);
  entry.retired = true;
  if (!entry.timeline) return;
  window_bytes_ -= entry.timeline->window_bytes();
  live_.Decrement();
}

void Timelines::stop() {
  stopping_ = true;
  for (Pause* pause : *pauses_) pause->cancel();
}

}  // namespace banter::chat
