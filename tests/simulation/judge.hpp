// Judge: looks at a simulation after every step: what the clients have seen is judged by the
// checker of `banter verify`, and the store has to hold what was acknowledged. Owned by a
// Simulation.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "simulation/model_store.hpp"
#include "verify/check/checker.hpp"
#include "verify/history/record_parser.hpp"

namespace banter::simulation {

class Judge {
 public:
  explicit Judge(const ModelStore& store) : store_(store) {}

  // history: all of it, until now. What is wrong; nullopt: nothing yet. Throws std::runtime_error
  // if it makes no sense.
  [[nodiscard]] std::optional<std::string> look(std::string_view history);
  // Once, when the history is complete.
  [[nodiscard]] std::optional<std::string> finish();

 private:
  [[nodiscard]] std::optional<std::string> take(std::string_view line);
  [[nodiscard]] std::optional<std::string> look_for(const verify::Ack& ack) const;
  [[nodiscard]] std::optional<std::string> look_at_logs();

  const ModelStore& store_;
  verify::RecordParser parser_;
  std::optional<verify::Checker> checker_;
  std::map<std::int64_t, ConversationId> conversations_;  // of sockets
  std::map<ConversationId, Seq> heads_;
  std::size_t taken_ = 0;  // bytes
  verify::Line line_ = 0;
};

}  // namespace banter::simulation
