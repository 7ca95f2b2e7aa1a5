// Asking the person at the terminal. Where standard input is no terminal nothing is asked: scripts
// give a password as the first line of standard input.
#pragma once

#include <expected>
#include <string>

#include "app/commands/failure.hpp"

namespace banter::app {

// Twice and without echo on a terminal, else one line. Not judged.
[[nodiscard]] std::expected<std::string, Failure> ask_password(const std::string& for_whom);
// True where nobody can be asked.
[[nodiscard]] bool confirm(const std::string& question);

}  // namespace banter::app
