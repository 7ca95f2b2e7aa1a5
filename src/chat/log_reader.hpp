// LogReader: stretches of logs that are not live here, for one reactor. From what the relay
// remembers, if that is whole up to the head that the store names; else from the store, and then
// the relay is given what it lacked, by one reader however many wait. Owned by app, one per
// reactor, on its thread.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "base/task.hpp"
#include "chat/ports.hpp"

namespace banter::chat {

class LogReader {
 public:
  LogReader(base::Reactor& reactor, ConversationStore& store, Relay& relay, base::Metrics& metrics);
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // As ConversationStore::read: what was committed before the call is in it. known: what the store
  // said of the log since the call was made, if it was asked. Throws Unavailable.
  [[nodiscard]] Task<Stretch> read(ConversationId conversation, Range range,
                                   std::optional<Access> known = std::nullopt);
  // Events that are known to exist: up to `known.head`, which the store has named or an event has
  // shown. Throws Unavailable.
  [[nodiscard]] Task<std::vector<Event>> read_known(ConversationId conversation, Access known,
                                                    Range range);

 private:
  struct Refill;
  Task<std::optional<Stretch>> remembered(ConversationId conversation, Access known, Range range);
  Task<Stretch> newest_from_store(ConversationId conversation);

  base::Reactor& reactor_;
  ConversationStore& store_;
  Relay& relay_;
  std::unordered_map<ConversationId, std::shared_ptr<Refill>> refills_;
  prometheus::Counter& hits_;
  prometheus::Counter& misses_;
};

}  // namespace banter::chat
