#include "verify/history/history_reader.hpp"

#include <fmt/format.h>

#include <cstring>
#include <istream>
#include <utility>

namespace banter::verify {

HistoryReader::HistoryReader(std::istream& from) : from_(from), buffer_(1024 * 1024, '\0') {}

std::unexpected<BadHistory> HistoryReader::bad(std::string why) const {
  return std::unexpected(BadHistory{.line = line_, .why = std::move(why)});
}

// Makes room and reads more; false at the end of the stream, or if a line fills all the room.
bool HistoryReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) {
    if (buffer_.size() >= line_bytes_max) return false;
    buffer_.resize(buffer_.size() * 2);
  }
  from_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
  end_ += static_cast<std::size_t>(from_.gcount());
  return from_.gcount() > 0;
}

std::expected<std::optional<std::string_view>, BadHistory> HistoryReader::next_line() {
  std::size_t searched = begin_;
  for (;;) {
    const auto* lf =
        static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
    if (lf != nullptr) {
      const std::string_view line{buffer_.data() + begin_, lf};
      begin_ += line.size() + 1;
      ++line_;
      return line;
    }
    const std::size_t held = end_ - begin_;
    if (fill()) {
      searched = held;
      continue;
    }
    if (from_.bad()) return bad("the file cannot be read");
    if (held == 0) return std::nullopt;
    ++line_;
    return bad(held < buffer_.size()
                   ? "the last line is cut off: was the run killed, or the disk full?"
                   : "the line is too long");
  }
}

std::expected<std::optional<TimedRecord>, BadHistory> HistoryReader::next() {
  if (line_ == lines_max) return bad("the history is too long");
  const auto line = next_line();
  if (!line) return std::unexpected(line.error());
  if (!*line) {
    if (line_ == 0) return bad("the file is empty");
    return std::nullopt;
  }
  auto record = parser_.parse(**line);
  const auto* run = record ? std::get_if<Run>(&record->record) : nullptr;
  if (line_ == 1) {
    if (run == nullptr || run->format != history_format) {
      return bad(
          fmt::format("this is not a history: it does not begin with a run record of "
                      "format \"{}\"{}",
                      history_format, record ? "" : " (" + record.error() + ")"));
    }
    if (run->version != history_version) {
      return bad(fmt::format("this is version {} of the format, and only {} is known", run->version,
                             history_version));
    }
  } else if (run != nullptr) {
    return bad("a second run begins; a history holds one");
  }
  if (!record) return bad(std::move(record.error()));
  if (record->at < last_) {
    return bad(fmt::format("time goes back, from {} to {}", last_.count(), record->at.count()));
  }
  last_ = record->at;
  return *std::move(record);
}

}  // namespace banter::verify
