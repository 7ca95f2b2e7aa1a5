// Settler: moves events from `tail` to their places in `events`, in rounds. Appending costs little
// because the tail is written in the order of commits, a few pages for a hundred events; placing
// them costs a page or two for every log they belong to, so it is done when many have gathered. A
// round goes along in small steps with the commits that cause it: twice as fast as the tail grows,
// and never for long. Used by the writer's thread alone, inside its transactions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "store/sqlite/client_ids.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/tail.hpp"

namespace banter::store {

// A round begins at either size of the tail. Before it ends the tail grows by about half of it.
// docs/decisions/0003 has the measurements.
struct TailLimits {
  std::size_t events = 16'384;
  std::size_t bytes = 8 * 1024 * 1024;
};

class Settler {
 public:
  Settler(Connection& connection, const Tail& tail, ClientIds& client_ids, TailLimits limits);

  // Where the rows of the table `tail` begin; once, before the first round.
  void rows_begin_at(std::int64_t id) { round_.deleted_id = before_.deleted_id = id - 1; }
  // After a commit: begins a round if it is time. committed_id: the last row of the table `tail`.
  [[nodiscard]] bool begin_if_due(std::int64_t committed_id);
  // Does some of the round, if one is on: as much as is in `appended`, what this transaction added
  // to the tail, twice.
  void step(std::span<const chat::Event> appended);
  // The transaction was committed: what the step moved, for the tail to drop; once.
  [[nodiscard]] std::vector<LogPart> take_moved();
  // The transaction was rolled back.
  void forget_step();

 private:
  // How far a round is: first every event of logs_ is moved, then the rows of `tail` are deleted.
  struct Round {
    bool on = false;
    std::size_t log = 0;  // being moved, of logs_
    Seq moved;            // of that log, in this round
    std::int64_t last_id = 0;
    std::int64_t deleted_id = 0;
  };

  void move(std::size_t events, std::size_t bytes);
  void place(std::span<const chat::Event> events);
  void remove();

  const Tail& tail_;
  ClientIds& client_ids_;
  const TailLimits limits_;
  Statement insert_;
  Statement delete_;
  std::vector<LogPart> logs_;  // of the round: what the tail held when it began
  Round round_;
  Round before_;  // as of the last commit
  std::vector<LogPart> moved_;
  std::vector<std::pair<ClientIds::Key, Seq>> keys_;  // of place(), kept for its memory
};

}  // namespace banter::store
