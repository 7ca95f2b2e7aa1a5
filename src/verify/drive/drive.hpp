// Drive: one run against a deployment: makes its accounts and conversations, lets clients talk,
// wander and read for a while, waits until everything is known, reads it all once more. Writes the
// history; the checker judges it afterwards. Owned by the command; blocks its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "verify/drive/disturbance.hpp"
#include "verify/drive/journal.hpp"
#include "verify/drive/node_url.hpp"

namespace banter::verify {

struct DriveOptions {
  std::vector<NodeUrl> nodes{};
  std::uint64_t seed = 1;
  std::chrono::seconds duration{30};
  int writers = 3;  // all together
  int conversations = 1;
  double rate = 0.4;                   // sends/s of a writer; the server's own limit is 5 in 10 s
  std::string words{};                 // the options as they were given, for the history
  bool floods = false;                 // somebody does; for a server whose limits are lifted
  Disturbance* disturbance = nullptr;  // meanwhile; nullptr: none
};

// What a display shows, a few times a second.
struct Progress {
  std::string_view phase{};
  std::string detail{};
  std::chrono::milliseconds elapsed{0};
  std::chrono::milliseconds duration{0};  // 0: this phase has none
  Tally tally{};
};

struct DriveDone {
  std::vector<std::string> emails{};  // of the accounts it made
  bool interrupted = false;           // cut short by a signal
};

// SIGINT or SIGTERM ends the talking early, a second one the run: then the history has no end.
// The error says what stands in the way and what to do. Throws Unavailable if the history cannot be
// written, or if a node says what is none of the protocol.
[[nodiscard]] std::expected<DriveDone, std::string> drive(
    const DriveOptions& options, std::ostream& history,
    const std::function<void(const Progress&)>& show);

}  // namespace banter::verify
