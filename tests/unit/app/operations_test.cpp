// docs/operations.md is written by hand, but for the tables of options, which come from the table
// of settings. Here it is compared with them, and with the metrics and log events of the sources.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "app/config_table.hpp"

namespace banter::app {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string& page() {
  static const std::string text = read(fs::path(BANTER_ROOT) / "docs" / "operations.md");
  return text;
}

// The names that stand in quotes right after `before` anywhere in the sources, white space apart.
std::set<std::string> names_after(std::string_view before) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(BANTER_ROOT) / "src")) {
    if (entry.path().extension() != ".cpp") continue;
    const auto text = read(entry.path());
    for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
      auto start = text.find_first_not_of(" \n", at + before.size());
      if (start == std::string::npos || text[start] != '"') continue;
      ++start;
      names.insert(text.substr(start, text.find('"', start) - start));
    }
  }
  return names;
}

void expect_named(const std::set<std::string>& names) {
  for (const auto& name : names) {
    EXPECT_NE(page().find("`" + name + "`"), std::string::npos)
        << name << " is not in docs/operations.md";
  }
}

TEST(OperationsPage, ListsTheOptionsAsTheTableHasThem) {
  const std::string begin = "<!-- options: begin -->\n";
  const auto from = page().find(begin);
  const auto to = page().find("<!-- options: end -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const auto listed = page().substr(from + begin.size(), to - from - begin.size());
  EXPECT_EQ(listed, settings_as_markdown()) << "this belongs between the marks:\n"
                                            << settings_as_markdown();
}

TEST(OperationsPage, NamesEveryMetricOfOurOwn) {
  std::set<std::string> metrics;
  for (const auto* maker : {"counter(", "gauge(", "histogram("}) {
    for (const auto& name : names_after(maker)) {
      if (name.starts_with("banter_")) metrics.insert(name);
    }
  }
  EXPECT_GT(metrics.size(), 30u);
  expect_named(metrics);
}

TEST(OperationsPage, NamesEveryEventOfTheLog) {
  std::set<std::string> events;
  for (const auto* writer : {"log::debug(", "log::info(", "log::warn(", "log::error(",
                             "log::write(log::Level::info,", "append_line(line, Level::warn,"}) {
    events.merge(names_after(writer));
  }
  EXPECT_GT(events.size(), 20u);
  expect_named(events);
}

}  // namespace
}  // namespace banter::app
