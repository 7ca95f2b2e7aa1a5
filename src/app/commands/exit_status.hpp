// What a command's exit status says.
#pragma once

namespace banter::app {

enum class ExitStatus : int {
  ok = 0,
  refused = 1,      // no such user, already a member, a bad password ...
  usage = 2,        // the command line or the configuration
  unavailable = 3,  // the store or the server does not answer
};

}  // namespace banter::app
