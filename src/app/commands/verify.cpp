// banter verify URL... | --check FILE
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <vector>

#include "app/commands/context.hpp"
#include "app/commands/progress_line.hpp"
#include "base/unavailable.hpp"
#include "verify/check/checker.hpp"
#include "verify/drive/drive.hpp"
#include "verify/report/verdict_json.hpp"
#include "verify/report/verdict_text.hpp"

namespace banter::app {
namespace {

struct Words {
  std::string file;
  std::vector<std::string> urls;
  std::string history;
  std::uint64_t seed = 0;  // 0: a fresh one
  std::string duration = "30s";
  int writers = 3;
  int conversations = 1;
  double rate = 0.4;
  bool strict = false;
  bool clean_up = false;
};

ExitStatus status_of(verify::Outcome outcome) {
  switch (outcome) {
    case verify::Outcome::holds:
      return ExitStatus::ok;
    case verify::Outcome::violated:
      return ExitStatus::refused;
    case verify::Outcome::unusable:
      break;
  }
  return ExitStatus::usage;
}

int wrong(std::string message) {
  return report(Failure{.status = ExitStatus::usage, .message = std::move(message)});
}

int check(std::istream& history, const Words& words, bool json) {
  const auto verdict = verify::check(history, {});
  if (!verdict) {
    const auto& bad = verdict.error();
    if (json) fmt::print("{}", verify::bad_history_json(bad));
    return wrong(fmt::format("{}: {}{}", words.file,
                             bad.line == 0 ? std::string() : fmt::format("line {}: ", bad.line),
                             bad.why));
  }
  fmt::print("{}", json ? verify::verdict_json(*verdict, words.strict)
                        : verify::verdict_text(*verdict, words.strict));
  return static_cast<int>(status_of(verdict->outcome(words.strict)));
}

int check_file(const Words& words, bool json) {
  if (words.file == "-") return check(std::cin, words, json);
  std::ifstream file(words.file, std::ios::binary);
  if (!file) return wrong(fmt::format("{} cannot be opened", words.file));
  return check(file, words, json);
}

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

std::expected<verify::DriveOptions, std::string> options_of(const Words& words) {
  verify::DriveOptions options{.seed = words.seed,
                               .writers = words.writers,
                               .conversations = words.conversations,
                               .rate = words.rate};
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
                              words.duration, words.writers, words.conversations, words.rate);
  return options;
}

std::string as_line(const verify::Progress& progress) {
  auto line = fmt::format("{}", progress.phase);
  if (progress.duration.count() > 0) {
    line += fmt::format(" {} of {} s", progress.elapsed.count() / 1000,
                        progress.duration.count() / 1000);
  }
  if (!progress.detail.empty()) line += ": " + progress.detail;
  const auto& tally = progress.tally;
  if (tally.connects == 0) return line;
  return line + fmt::format(" · {} sends, {} acks, {} deliveries, {} reads, {} connections",
                            tally.sends, tally.acks, tally.deliveries, tally.reads, tally.connects);
}

int clean_up(const Context& context, const std::vector<std::string>& emails) {
  return administer(context, [&](AdminClient& client) -> std::expected<void, Failure> {
    for (const auto& email : emails) {
      const auto deleted = client.ask({{"command", "user_delete"}, {"user", email}});
      if (!deleted) return std::unexpected(deleted.error());
    }
    fmt::print(stderr, "deleted the {} accounts of the run\n", emails.size());
    return {};
  });
}

int drive(Words words, const Context& context) {
  const auto options = options_of(words);
  if (!options) return wrong(options.error());
  if (words.history.empty()) words.history = fmt::format("banter-verify-{}.jsonl", options->seed);
  std::ofstream history(words.history, std::ios::binary | std::ios::trunc);
  if (!history) return wrong(fmt::format("--history: {} cannot be written", words.history));
  words.file = words.history;
  ProgressLine line;
  bool begun = false;  // something is in the history
  std::expected<verify::DriveDone, std::string> done;
  try {
    done = verify::drive(*options, history, [&](const verify::Progress& progress) {
      line.show(as_line(progress));
      begun = progress.tally.connects > 0;
    });
  } catch (const Unavailable& accident) {
    done = std::unexpected(accident.what());
  }
  line.end();
  history.close();
  if (!done && !begun) {
    std::filesystem::remove(words.history);
    return wrong(done.error());
  }
  if (!done) {
    return wrong(fmt::format("{}\nThe history until then is in {}", done.error(), words.history));
  }
  fmt::print(stderr, "seed {}; the history is in {}\n", options->seed, words.history);
  std::ifstream written(words.history, std::ios::binary);
  const int status = check(written, words, context.json);
  if (!words.clean_up) return status;
  const int cleaned = clean_up(context, done->emails);
  return status != 0 ? status : cleaned;
}

int run(const Words& words, const Context& context) {
  if (words.file.empty() == words.urls.empty()) {
    return wrong(words.file.empty() ? "name the nodes of a deployment, or --check a history"
                                    : "--check reads a history; it takes no nodes");
  }
  return words.file.empty() ? drive(words, context) : check_file(words, context.json);
}

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
  const auto words = std::make_shared<Words>();
  auto* command = add_command(
      app, "verify", "Check that the promise is kept: nothing lost, doubled or out of order.",
      "Given the nodes of a deployment it makes accounts and a conversation there, talks, loses\n"
      "connections, resumes, resends and reads on every node for a while, and then judges. It "
      "asks\n"
      "little enough for the server's standard limits, and waits where it is throttled. Accounts\n"
      "that it made stay, named verify-…@example.org, unless --clean-up deletes them: on the\n"
      "server's machine, with --data or --database as `banter user` takes them.\n\n"
      "A history holds all that the clients did and saw, as lines of JSON. It is checked for\n"
      "every invariant of the delivery promise, and each violation is told with the lines that\n"
      "contradict each other. What is late or uses too much is told, but fails only with "
      "--strict.\n"
      "docs/reliability.md has the invariants, the format and the report.\n\n"
      "Exits with 0 if the promise holds, 1 if it is broken, 2 if that could not be found out.",
      "banter verify http://127.0.0.1:8000 http://127.0.0.1:8001 --duration 5m\n"
      "  banter verify --check run.jsonl\n  zcat run.jsonl.gz | banter verify --check - --json");
  command->add_option("URL", words->urls, "A node of the deployment, or its balancer.");
  command->add_option("--check", words->file, "Only check this history; - is standard input.")
      ->type_name("FILE");
  command
      ->add_option("--history", words->history,
                   "Where to write the history. Default: banter-verify-SEED.jsonl.")
      ->type_name("FILE");
  command->add_option("--seed", words->seed, "Of all choices. Default: a fresh one, printed.")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 53))
      ->type_name("N");
  command->add_option("--duration", words->duration, "How long to talk. Default: 30s.")
      ->type_name("TIME");
  command->add_option("--writers", words->writers, "Users who write. Default: 3.")
      ->check(CLI::Range(1, 500))
      ->type_name("N");
  command
      ->add_option("--conversations", words->conversations,
                   "Conversations that they write in. Default: 1.")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  command
      ->add_option("--rate", words->rate,
                   "Messages a second of each writer. Default: 0.4, under the server's limit.")
      ->check(CLI::Range(0.01, 1'000.0))
      ->type_name("N");
  command->add_flag("--clean-up", words->clean_up, "Delete the accounts that it made.");
  command->add_flag("--strict", words->strict, "Fail on what is late or uses too much, too.");
  add_json_flag(*command, context);
  add_settings(*command, context, ConfigScope::data, Listing::hidden);
  command->callback(
      [&context, words] { context.action = [&context, words] { return run(*words, context); }; });
}

}  // namespace banter::app
