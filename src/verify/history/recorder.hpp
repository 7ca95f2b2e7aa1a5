// Recorder: writes the history of a run, record by record, as fast as a run makes them: formatting
// into a buffer, one write to the stream per 256 KiB. Owned by the run; one thread.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include "verify/history/record.hpp"

namespace banter::verify {

class Recorder {
 public:
  // The stream outlives the recorder.
  explicit Recorder(std::ostream& to);
  // What was not flushed is lost, as if the run had been killed.
  ~Recorder() = default;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // A record of what is about to be done (sent, asked) is written before it is done, one of what
  // was seen after it was seen; instants never go back. Throws Unavailable if the stream fails.
  void write(Instant at, const Record& record);
  // Everything written so far is with the stream. Throws Unavailable if that fails.
  void flush();

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{256} * 1024;

  std::ostream& to_;
  std::string buffer_;
  Instant last_{0};
};

}  // namespace banter::verify
