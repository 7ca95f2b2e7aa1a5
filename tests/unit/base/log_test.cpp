#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace banter {
namespace {

// Everything written to stderr between start() and stop().
template <class Writes>
std::string logged(log::Format format, Writes writes, log::Level level = log::Level::info) {
  testing::internal::CaptureStderr();
  log::start(level, format);
  writes();
  log::stop();
  return testing::internal::GetCapturedStderr();
}

// The line without its time, whose shape WritesTheTimeInUtc checks.
std::string after_time(const std::string& line) {
  const auto space = line.find(" level=");
  return space == std::string::npos ? line : line.substr(space + 1);
}

std::size_t lines_in(const std::string& text) {
  std::size_t lines = 0;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

TEST(Log, WritesOneLogfmtLine) {
  const auto line = logged(log::Format::logfmt, [] {
    log::info("listening", {{"addr", "127.0.0.1"}, {"port", 8000}, {"ok", true}, {"share", 0.5}});
  });
  EXPECT_EQ(after_time(line),
            "level=info event=listening addr=127.0.0.1 port=8000 ok=true share=0.5\n");
}

TEST(Log, WritesTheTimeInUtc) {
  const auto line = logged(log::Format::logfmt, [] { log::info("x"); });
  EXPECT_THAT(line, testing::MatchesRegex(
                        "time=20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
                        "\\.[0-9][0-9][0-9]Z level=info event=x\n"));
}

TEST(Log, QuotesAndEscapesWhatWouldBreakALine) {
  const auto line = logged(log::Format::logfmt, [] {
    log::warn("odd", {{"empty", ""},
                      {"space", "a b"},
                      {"forged", "x\nlevel=error"},
                      {"quote", "\"\\"},
                      {"terminal", "\x1b[2J\x7f\xc2\x9b"},
                      {"letters", "é"},
                      {"bytes", "\xff"}});
  });
  EXPECT_EQ(after_time(line),
            "level=warn event=odd empty=\"\" space=\"a b\" forged=\"x\\nlevel=error\" "
            "quote=\"\\\"\\\\\" terminal=\"\\u001b[2J\\u007f\\u009b\" letters=\"é\" "
            "bytes=\"\\u00ff\"\n");
  EXPECT_EQ(lines_in(line), 1u);
}

TEST(Log, WritesJsonByOption) {
  const auto line = logged(log::Format::json, [] {
    log::error("odd", {{"text", "a\"\n"},
                       {"number", -3},
                       {"none", std::numeric_limits<double>::quiet_NaN()},
                       {"no", false}});
  });
  EXPECT_EQ(line.substr(0, 9), R"({"time":")");
  EXPECT_EQ(line.substr(line.find(",\"level\"")),
            R"(,"level":"error","event":"odd","text":"a\"\n","number":-3,"none":null,"no":false})"
            "\n");
}

TEST(Log, CutsALongValueBetweenCharacters) {
  std::string path(1'023, 'p');
  const auto line =
      logged(log::Format::logfmt, [&] { log::info("request", {{"path", path + "é and more"}}); });
  EXPECT_EQ(after_time(line), "level=info event=request path=\"" + path + "...\"\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const auto text = logged(
      log::Format::logfmt,
      [] {
        log::info("quiet");
        log::warn("loud");
      },
      log::Level::warn);
  EXPECT_EQ(after_time(text), "level=warn event=loud\n");
}

TEST(Log, IsSilentWhileNotStarted) {
  testing::internal::CaptureStderr();
  log::error("nobody_listens");
  log::write(log::Level::error, "nobody_listens", {});
  log::stop();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Log, TellsHowManyLinesItLost) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t lines_each = 20'000;
  const auto text = logged(log::Format::logfmt, [] {
    std::vector<std::thread> writers;
    for (std::size_t i = 0; i < threads; ++i) {
      writers.emplace_back([] {
        for (std::size_t n = 0; n < lines_each; ++n) log::info("flood");
      });
    }
    for (auto& writer : writers) writer.join();
  });
  std::size_t lost = 0;
  const std::string key = "event=log_lines_lost lines=";
  if (const auto at = text.find(key); at != std::string::npos) {
    lost = std::stoul(text.substr(at + key.size()));
  }
  EXPECT_EQ(lines_in(text) - (lost > 0 ? 1 : 0) + lost, threads * lines_each);
}

}  // namespace
}  // namespace banter
