// Histories of any bytes: a line is refused or written again as it was read, and the checker says
// of the whole what it thinks, in JSON and in words, without falling over.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "verify/check/checker.hpp"
#include "verify/history/record_parser.hpp"
#include "verify/history/record_text.hpp"
#include "verify/report/verdict_json.hpp"
#include "verify/report/verdict_text.hpp"

namespace {

using namespace banter::verify;

constexpr std::string_view beginning =
    R"({"at":0,"type":"run","format":"banter-history","version":1,"nodes":["a","b"]}
{"at":0,"type":"user","user":1}
{"at":0,"type":"user","user":2}
{"at":0,"type":"conversation","conversation":7,"members":[1,2]}
{"at":0,"type":"connect","socket":1,"client":1,"user":1,"conversation":7,"node":"a"}
)";

std::string written(const TimedRecord& read) {
  std::string line;
  append_line(line, read.at, read.record);
  line.pop_back();
  return line;
}

void expect_the_same_again(std::string_view line) {
  RecordParser parser;
  const auto first = parser.parse(line);
  if (!first) {
    ASSERT(!first.error().empty(), "a refusal has a reason");
    return;
  }
  const auto line_of_first = written(*first);
  const auto second = parser.parse(line_of_first);
  ASSERT(second, "what was written is read");
  ASSERT(written(*second) == line_of_first, "and is written alike");
}

void expect_a_verdict(const std::string& history) {
  std::istringstream in(history);
  const auto verdict = check(in, {});
  if (!verdict) {
    ASSERT(!verdict.error().why.empty(), "a refusal has a reason");
    (void)boost::json::parse(bad_history_json(verdict.error()));
    return;
  }
  (void)boost::json::parse(verdict_json(*verdict, true));
  in.clear();
  in.seekg(0);
  const auto text = verdict_text(*verdict, true, quotes_for(*verdict, in));
  ASSERT(!text.contains('\x1B'), "a history cannot control a terminal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) expect_the_same_again(line);
  expect_a_verdict(text);
  expect_a_verdict(std::string(beginning) + text);
  return 0;
}
