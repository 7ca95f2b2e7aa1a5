// Timelines: the live conversations of one reactor. Opens a timeline when somebody needs it
// (subscribed at the relay, then loaded, one load however many wait), keeps it while it is leased
// and a while after, repairs its gaps, and of a store that is shared asks for the heads once a
// second, because a relay may lose the last event too. Owned by app, one per reactor, used on its
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "base/task.hpp"
#include "chat/log_reader.hpp"
#include "chat/ports.hpp"
#include "chat/timeline.hpp"

namespace banter::chat {

class Timelines final : public RelayListener {
  struct Entry;

 public:
  // Nodes publish side by side, so that 6 may be heard just before 5, and a head may be named just
  // before its event is heard: what comes by itself need not be fetched.
  static constexpr std::chrono::milliseconds default_repair_grace{20};

  // deliver: called for each event that became readable, in order, while offer() runs; it must not
  // call back into this object. repair_grace: how long a gap may stand before it is fetched.
  Timelines(base::Reactor& reactor, ConversationStore& store, LogReader& logs, Relay& relay,
            base::Metrics& metrics, std::function<void(const Event&)> deliver,
            std::chrono::milliseconds repair_grace = default_repair_grace);
  ~Timelines() override;
  Timelines(const Timelines&) = delete;
  Timelines& operator=(const Timelines&) = delete;

  // A share in a live timeline: it stays live while one exists.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          entry_(std::exchange(other.entry_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Lease() { reset(); }
    void reset();
    [[nodiscard]] explicit operator bool() const { return entry_ != nullptr; }
    [[nodiscard]] Timeline& operator*() const;
    [[nodiscard]] Timeline* operator->() const { return &**this; }

   private:
    friend class Timelines;
    Lease(Timelines& owner, Entry& entry);
    Timelines* owner_ = nullptr;
    Entry* entry_ = nullptr;
  };

  // Subscribes, then reads the newest events, then is live. Throws Unavailable.
  [[nodiscard]] Task<Lease> open(ConversationId conversation);
  // The log is known to reach `head`: returns when the timeline does too. Throws Unavailable.
  [[nodiscard]] Task<> reach(Lease& lease, Seq head);
  // nullptr: not live.
  [[nodiscard]] Timeline* find(ConversationId conversation);
  // An event of a conversation, from this node's store or the relay. Of one that is not live:
  // dropped.
  void offer(Event event);
  void on_relayed(std::vector<Event> events) override;
  void on_interrupted() override { ask_heads(); }
  // Once a second: forgets timelines that nobody has leased for timeline_linger, and asks for
  // heads.
  void sweep(SteadyTime now);
  // The epoch changed: what is held is of another log. Leases of it stay valid until they end, but
  // get nothing any more.
  void forget_all();
  // Nothing waits any longer than what it has asked the outside; before the reactor ends.
  void stop();

 private:
  struct Load;
  class Pause;
  Task<> load(Entry& entry);
  Task<> repair(Lease lease);
  void begin_repair(Entry& entry);
  void ask_heads();
  Task<> compare_heads();
  Task<bool> compare_heads(std::span<const ConversationId> conversations);
  void take(Entry& entry, Event event);
  void retire(Entry& entry);

  base::Reactor& reactor_;
  ConversationStore& store_;
  LogReader& logs_;
  Relay& relay_;
  std::function<void(const Event&)> deliver_;
  const std::chrono::milliseconds repair_grace_;
  std::unordered_map<ConversationId, std::unique_ptr<Entry>> entries_;
  std::vector<std::unique_ptr<Entry>> retired_;  // of a former epoch, still leased
  std::size_t window_bytes_ = 0;                 // of all entries
  bool asking_heads_ = false;
  bool ask_heads_again_ = false;  // asked for while one question was out
  std::shared_ptr<std::set<Pause*>> pauses_ = std::make_shared<std::set<Pause*>>();
  bool stopping_ = false;
  prometheus::Gauge& live_;
  prometheus::Gauge& window_bytes_gauge_;
  prometheus::Counter& repairs_;
  prometheus::Histogram& heads_seconds_;
};

}  // namespace banter::chat
