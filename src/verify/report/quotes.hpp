// Quotes: the records that a verdict points to, as they stand in the history. Pure but for reading
// the stream.
#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include "verify/check/verdict.hpp"

namespace banter::verify {

struct Quote {
  Instant at{0};
  std::string text;  // the beginning of the line
};
using Quotes = std::map<Line, Quote>;

// Of the first finding of each invariant; the history from its begin, once more.
[[nodiscard]] Quotes quotes_for(const Verdict& verdict, std::istream& history);

}  // namespace banter::verify
