// HistoryReader: a file of lines -> records, one at a time, in memory that does not grow with the
// file. Says of a file that is no history, or a broken one, what is wrong and where. Owned by
// whoever checks; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "verify/history/record_parser.hpp"

namespace banter::verify {

using Line = std::uint32_t;  // counted from 1

// The line is 0 if no line is to blame.
struct BadHistory {
  Line line = 0;
  std::string why;
};

class HistoryReader {
 public:
  // The stream outlives the reader.
  explicit HistoryReader(std::istream& from);

  // The next record, good until the next call; nullopt at the end. The first one is the Run.
  [[nodiscard]] std::expected<std::optional<TimedRecord>, BadHistory> next();
  // Of the record that next() gave.
  [[nodiscard]] Line line() const { return line_; }

  static constexpr std::size_t line_bytes_max = std::size_t{4} * 1024 * 1024;
  static constexpr Line lines_max = (Line{1} << 30) - 1;

 private:
  [[nodiscard]] std::expected<std::optional<std::string_view>, BadHistory> next_line();
  [[nodiscard]] bool fill();
  [[nodiscard]] std::unexpected<BadHistory> bad(std::string why) const;

  std::istream& from_;
  RecordParser parser_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not handed out yet
  std::size_t end_ = 0;
  Line line_ = 0;
  Instant last_{0};
};

}  // namespace banter::verify
