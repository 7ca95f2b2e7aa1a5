// ProgressLine: how far a long command has got, on stderr: on a terminal one line that is written
// over, else a line every few seconds. Owned by the command.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace banter::app {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { end(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Shown if it is time to; a last one always, and kept on the screen.
  void show(std::string_view text, bool last = false);
  void end();

 private:
  const bool terminal_;
  bool open_ = false;
  SteadyTime next_{};
};

}  // namespace banter::app
