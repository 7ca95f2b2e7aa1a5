#include "verify/history/recorder.hpp"

#include <ostream>

#include "base/assert.hpp"
#include "base/unavailable.hpp"
#include "verify/history/record_text.hpp"

namespace banter::verify {

Recorder::Recorder(std::ostream& to) : to_(to) { buffer_.reserve(buffer_bytes * 2); }

void Recorder::write(Instant at, const Record& record) {
  ASSERT(at >= last_, "a history has one clock, and it does not go back");
  last_ = at;
  append_line(buffer_, at, record);
  if (buffer_.size() >= buffer_bytes) flush();
}

void Recorder::flush() {
  to_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  to_.flush();
  buffer_.clear();
  if (!to_) throw Unavailable("the history cannot be written: is the disk full?");
}

}  // namespace banter::verify
