#include "verify/report/quotes.hpp"

#include <istream>
#include <set>

#include "verify/history/record_parser.hpp"

namespace banter::verify {
namespace {

constexpr std::size_t quoted_bytes_max = 240;  // a history frame may have a megabyte

std::set<Line> lines_of(const Verdict& verdict) {
  std::set<Line> lines;
  std::set<Invariant> seen;
  for (const auto& finding : verdict.findings) {
    if (seen.insert(finding.invariant).second) {
      lines.insert(finding.lines.begin(), finding.lines.end());
    }
  }
  return lines;
}

std::string beginning(std::string text) {
  if (text.size() <= quoted_bytes_max) return text;
  std::size_t end = quoted_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + " ...";
}

}  // namespace

Quotes quotes_for(const Verdict& verdict, std::istream& history) {
  const auto wanted = lines_of(verdict);
  Quotes quotes;
  RecordParser parser;
  std::string text;
  Line line = 0;
  for (auto next = wanted.begin(); next != wanted.end() && std::getline(history, text);) {
    if (++line != *next) continue;
    ++next;
    const auto record = parser.parse(text);
    quotes.emplace(line, Quote{.at = record ? record->at : Instant{0}, .text = beginning(text)});
  }
  return quotes;
}

}  // namespace banter::verify
