// RecordParser: one line of a history -> a record. Strict: a member that a record does not have is
// an error, because a misspelt one would silently check nothing. Owns what the record points to;
// one thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "verify/history/record.hpp"

namespace banter::verify {

struct TimedRecord {
  Instant at{0};
  Record record;
};

class RecordParser {
 public:
  RecordParser();
  ~RecordParser();
  RecordParser(RecordParser&&) noexcept;
  RecordParser& operator=(RecordParser&&) noexcept;

  // Any bytes, without the LF. The record is good until the next call. The error is what is wrong
  // with the line: "`seq` is missing".
  [[nodiscard]] std::expected<TimedRecord, std::string> parse(std::string_view line);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace banter::verify
