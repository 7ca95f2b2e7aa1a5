// Why a command cannot go on: a sentence for the administrator and the exit status that goes with
// it.
#pragma once

#include <string>

#include "app/admin_protocol.hpp"
#include "app/commands/exit_status.hpp"
#include "store/sqlite/data_directory.hpp"

namespace banter::app {

struct Failure {
  ExitStatus status = ExitStatus::unavailable;
  std::string message;
};

[[nodiscard]] Failure failure_of(const AdminAnswer& answer);
[[nodiscard]] Failure failure_of(const store::OpenFailure& failure, const std::string& data);

// Writes "banter: MESSAGE" on stderr; the exit status of the process.
[[nodiscard]] int report(const Failure& failure);

}  // namespace banter::app
