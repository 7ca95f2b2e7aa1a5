#include "unit/verify/told_history.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "verify/check/checker.hpp"

namespace banter::verify {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(BANTER_ROOT) / "tests" / "unit" / "verify" / "histories"; }

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<fs::path> told_histories() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".history") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

ToldHistory read_told_history(const fs::path& file) {
  ToldHistory out;
  out.name = file.filename().string();
  out.name.resize(out.name.find('.'));
  out.bad = out.good = read(folder() / "prologue.jsonl");
  std::istringstream lines(read(file));
  for (std::string text; std::getline(lines, text);) {
    if (text.starts_with('#')) continue;
    const auto record = text.substr(2) + "\n";
    if (!text.starts_with('-')) out.good += record;
    if (!text.starts_with('+')) out.bad += record;
  }
  return out;
}

Verdict verdict_of(const std::string& history) {
  std::istringstream stream(history);
  auto verdict = check(stream, {.p99_samples_min = 1});
  if (!verdict) {
    ADD_FAILURE() << "line " << verdict.error().line << ": " << verdict.error().why;
    return {};
  }
  return *std::move(verdict);
}

std::vector<std::string> violated(const Verdict& verdict) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < invariants_count; ++i) {
    if (verdict.counts[i] > 0) out.emplace_back(invariants()[i].name);
  }
  return out;
}

std::string told(const Verdict& verdict) {
  std::string out;
  for (const auto& finding : verdict.findings) {
    out += fmt::format("{} in lines {}: {}\n", words_of(finding.invariant).name,
                       fmt::join(finding.lines, ", "), finding.what);
  }
  for (const auto& why : verdict.undecided) out += "undecided: " + why + "\n";
  return out;
}

}  // namespace banter::verify
