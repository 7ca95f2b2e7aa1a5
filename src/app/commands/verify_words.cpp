#include "app/commands/verify_words.hpp"

#include <fmt/format.h>

#include <chrono>
#include <random>

#include "verify/drive/node_url.hpp"

namespace banter::app {
namespace {

// What a server with its standard limits takes, and what one without them is given.
struct Gait {
  int writers;
  int conversations;
  double rate;
};
constexpr Gait gentle{.writers = 3, .conversations = 1, .rate = 0.4};
constexpr Gait lively{.writers = 6, .conversations = 2, .rate = 5};

// 90, 90s, 15m or 2h.
std::expected<std::chrono::seconds, std::string> parse_duration(const std::string& text) {
  std::int64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 6 && text[digits] >= '0' && text[digits] <= '9') {
    number = number * 10 + (text[digits++] - '0');
  }
  const auto unit = text.substr(digits);
  const std::int64_t seconds = unit.empty() || unit == "s" ? 1
                               : unit == "m"               ? 60
                               : unit == "h"               ? 3'600
                                                           : 0;
  constexpr std::chrono::seconds longest = std::chrono::hours{11};  // tokens live for 12
  const std::chrono::seconds duration{number * seconds};
  if (digits == 0 || seconds == 0 || duration < std::chrono::seconds{1} || duration > longest) {
    return std::unexpected(
        fmt::format("--duration \"{}\": write 30s, 15m or 2h; from 1s to 11h", text));
  }
  return duration;
}

}  // namespace

std::expected<void, std::string> check_words(const VerifyWords& words) {
  const int ways =
      (words.file.empty() ? 0 : 1) + (words.urls.empty() ? 0 : 1) + (words.local == 0 ? 0 : 1);
  if (ways == 0) {
    return std::unexpected(
        "name the nodes of a deployment, or --local N to start one, or --check "
        "a history");
  }
  if (ways > 1) {
    return std::unexpected("nodes, --local and --check are three different things: give one");
  }
  if (words.chaos && words.local == 0) {
    return std::unexpected("--chaos breaks only what --local N started");
  }
  if (!words.faults.empty() && !words.chaos) {
    return std::unexpected("--faults is for --chaos");
  }
  if (words.redis_cluster && words.local < 2) {
    return std::unexpected("--redis-cluster is for --local with 2 nodes or more");
  }
  if (words.clean_up && words.urls.empty()) {
    return std::unexpected("--clean-up is for a deployment that stays");
  }
  return {};
}

std::expected<verify::DriveOptions, std::string> options_of(const VerifyWords& words) {
  const auto& gait = words.local == 0 ? gentle : lively;
  verify::DriveOptions options{.seed = words.seed,
                               .writers = words.writers.value_or(gait.writers),
                               .conversations = words.conversations.value_or(gait.conversations),
                               .rate = words.rate.value_or(gait.rate),
                               .floods = words.local > 0};
  for (const auto& url : words.urls) {
    auto node = verify::parse_node_url(url);
    if (!node) return std::unexpected(node.error());
    options.nodes.push_back(std::move(*node));
  }
  const auto duration = parse_duration(words.duration);
  if (!duration) return std::unexpected(duration.error());
  options.duration = *duration;
  if (options.seed == 0) options.seed = std::random_device{}() % 1'000'000 + 1;
  options.words = fmt::format("--duration {} --writers {} --conversations {} --rate {}",
                              words.duration, options.writers, options.conversations, options.rate);
  if (words.local > 0) options.words += fmt::format(" --local {}", words.local);
  if (words.redis_cluster) options.words += " --redis-cluster";
  if (words.chaos) options.words += " --chaos";
  if (!words.faults.empty()) options.words += fmt::format(" --faults \"{}\"", words.faults);
  return options;
}

}  // namespace banter::app
