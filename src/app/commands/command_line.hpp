// The command line of `banter`: finds out which command is meant, and runs it. The whole of main().
#pragma once

namespace banter::app {

// The exit status of the process; see exit_status.hpp.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace banter::app
