// Journal: the history of a run as it is written, under one clock, with the numbers that its
// records are given and a count of what has happened so far. Owned by the run; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>

#include "base/clock.hpp"
#include "verify/history/recorder.hpp"

namespace banter::verify {

// For a display; the checker counts for itself.
struct Tally {
  std::int64_t sends = 0;
  std::int64_t acks = 0;
  std::int64_t deliveries = 0;
  std::int64_t connects = 0;
  std::int64_t reads = 0;
};

class Journal {
 public:
  // The stream outlives the journal.
  explicit Journal(std::ostream& to) : recorder_(to) {}

  // Of what is about to be done before it is done, of what was seen after it was seen. Throws
  // Unavailable if the disk is full.
  void write(const Record& record);
  void flush() { recorder_.flush(); }

  [[nodiscard]] SocketId next_socket() { return SocketId{++sockets_}; }
  [[nodiscard]] ClientId next_client() { return ClientId{++clients_}; }
  [[nodiscard]] CallId next_call() { return CallId{++calls_}; }
  [[nodiscard]] LoadId next_load() { return LoadId{++loads_}; }
  [[nodiscard]] FaultId next_fault() { return FaultId{++faults_}; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  Recorder recorder_;
  SteadyTime begun_ = steady_now();
  Tally tally_;
  std::int64_t sockets_ = 0;
  std::int64_t clients_ = 0;
  std::int64_t calls_ = 0;
  std::int64_t loads_ = 0;
  std::int64_t faults_ = 0;
};

}  // namespace banter::verify
