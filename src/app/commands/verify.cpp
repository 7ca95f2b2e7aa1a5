// banter verify --check FILE
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>

#include "app/commands/context.hpp"
#include "verify/check/checker.hpp"
#include "verify/report/verdict_json.hpp"
#include "verify/report/verdict_text.hpp"

namespace banter::app {
namespace {

struct Words {
  std::string file;
  bool strict = false;
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

int check(std::istream& history, const Words& words, bool json) {
  const auto verdict = verify::check(history, {});
  if (!verdict) {
    const auto& bad = verdict.error();
    if (json) fmt::print("{}", verify::bad_history_json(bad));
    return report(Failure{
        .status = ExitStatus::usage,
        .message = fmt::format("{}: {}{}", words.file,
                               bad.line == 0 ? std::string() : fmt::format("line {}: ", bad.line),
                               bad.why)});
  }
  fmt::print("{}", json ? verify::verdict_json(*verdict, words.strict)
                        : verify::verdict_text(*verdict, words.strict));
  return static_cast<int>(status_of(verdict->outcome(words.strict)));
}

int run(const Words& words, bool json) {
  if (words.file == "-") return check(std::cin, words, json);
  std::ifstream file(words.file, std::ios::binary);
  if (!file) {
    return report(Failure{.status = ExitStatus::usage,
                          .message = fmt::format("{} cannot be opened", words.file)});
  }
  return check(file, words, json);
}

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
  const auto words = std::make_shared<Words>();
  auto* command = add_command(
      app, "verify", "Check that the promise was kept: nothing lost, doubled or out of order.",
      "A history holds all that a run's clients did and saw, as lines of JSON. It is checked for\n"
      "every invariant of the delivery promise, and each violation is told with the lines that\n"
      "contradict each other. What is late or uses too much is told, but fails only with "
      "--strict.\n"
      "docs/reliability.md has the invariants, the format and the report.\n\n"
      "Exits with 0 if the promise holds, 1 if it is broken, 2 if the history does not tell.",
      "banter verify --check run.jsonl\n  zcat run.jsonl.gz | banter verify --check - --json");
  command->add_option("--check", words->file, "The history; - is standard input.")
      ->type_name("FILE")
      ->required();
  command->add_flag("--strict", words->strict, "Fail on what is late or uses too much, too.");
  add_json_flag(*command, context);
  command->callback([&context, words] {
    context.action = [&context, words] { return run(*words, context.json); };
  });
}

}  // namespace banter::app
