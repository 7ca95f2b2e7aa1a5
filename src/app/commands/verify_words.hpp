// What `banter verify` was told, and what it means. Used by verify.cpp.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "verify/drive/drive.hpp"
#include "verify/local/local_deployment.hpp"

namespace banter::app {

struct VerifyWords {
  std::string file;               // --check
  std::vector<std::string> urls;  // nodes of a deployment that is there
  std::size_t local = 0;          // nodes of one that is started for the run
  bool chaos = false;
  std::string faults;  // only those with this in their names
  bool redis_cluster = false;
  std::string history;
  std::uint64_t seed = 0;  // 0: a fresh one
  std::string duration = "30s";
  std::optional<int> writers{};
  std::optional<int> conversations{};
  std::optional<double> rate{};
  bool strict = false;
  bool clean_up = false;
};

// The error says which of them do not go together.
[[nodiscard]] std::expected<void, std::string> check_words(const VerifyWords& words);
// The nodes of --local are not among them. The error is a sentence about one of the words.
[[nodiscard]] std::expected<verify::DriveOptions, std::string> options_of(const VerifyWords& words);

}  // namespace banter::app
