// Record -> its line of JSON, and the bounds of numbers that both ways share. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "verify/history/record.hpp"

namespace banter::verify {

// The largest whole number that every reader of JSON keeps; sums of a few cannot overflow.
inline constexpr std::int64_t number_max = std::int64_t{1} << 53;

// Appends the line with its LF. Numbers lie between 0 and number_max.
void append_line(std::string& out, Instant at, const Record& record);

}  // namespace banter::verify
