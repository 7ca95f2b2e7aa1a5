// banter verify URL... | --local N | --check FILE
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "app/commands/context.hpp"
#include "app/commands/progress_line.hpp"
#include "app/commands/verify_words.hpp"
#include "base/unavailable.hpp"
#include "verify/check/checker.hpp"
#include "verify/drive/drive.hpp"
#include "verify/local/chaos.hpp"
#include "verify/report/verdict_json.hpp"
#include "verify/report/verdict_text.hpp"

namespace banter::app {
namespace {

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

int check(std::istream& history, const VerifyWords& words, bool json) {
  const auto verdict = verify::check(history, {});
  if (!verdict) {
    const auto& bad = verdict.error();
    if (json) fmt::print("{}", verify::bad_history_json(bad));
    return wrong(fmt::format("{}: {}{}", words.file,
                             bad.line == 0 ? std::string() : fmt::format("line {}: ", bad.line),
                             bad.why));
  }
  if (json) {
    fmt::print("{}", verify::verdict_json(*verdict, words.strict));
  } else {
    // A pipe cannot be read again: then the records are named by their lines only.
    history.clear();
    history.seekg(0);
    fmt::print("{}",
               verify::verdict_text(*verdict, words.strict, verify::quotes_for(*verdict, history)));
  }
  return static_cast<int>(status_of(verdict->outcome(words.strict)));
}

int check_file(const VerifyWords& words, bool json) {
  if (words.file == "-") return check(std::cin, words, json);
  std::ifstream file(words.file, std::ios::binary);
  if (!file) return wrong(fmt::format("{} cannot be opened", words.file));
  return check(file, words, json);
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

volatile std::sig_atomic_t interrupted = 0;

// The deployment of --local, with what is done to it; gone when the run is over.
class Local {
 public:
  using Say = std::function<void(std::string)>;
  Local(const VerifyWords& words, verify::DriveOptions& options, const Say& say)
      : deployment_(words.local,
                    words.redis_cluster ? verify::RedisKind::cluster : verify::RedisKind::single,
                    words.chaos ? verify::Disk::can_lose_power : verify::Disk::lasting, say),
        chaos_(deployment_, options.duration, words.faults) {
    options.nodes = deployment_.urls();
    if (words.chaos) options.disturbance = &chaos_;
  }
  [[nodiscard]] const verify::Chaos& chaos() const { return chaos_; }
  void save_logs(const std::string& directory) const { deployment_.save_logs(directory); }

 private:
  verify::LocalDeployment deployment_;
  verify::Chaos chaos_;
};

// Starts what --local asks for. Until the run listens for signals itself they only set a flag, so
// that what was started is taken down.
std::unique_ptr<Local> start_local(const VerifyWords& words, verify::DriveOptions& options,
                                   ProgressLine& line) {
  if (words.local == 0) return nullptr;
  for (const int number : {SIGINT, SIGTERM}) {
    std::signal(number, [](int) { interrupted = 1; });
  }
  auto local = std::make_unique<Local>(words, options, [&](std::string what) { line.show(what); });
  if (interrupted != 0) throw Unavailable("interrupted");
  return local;
}

int drive(VerifyWords words, const Context& context) {
  auto options = options_of(words);
  if (!options) return wrong(options.error());
  if (words.history.empty()) words.history = fmt::format("banter-verify-{}.jsonl", options->seed);
  std::ofstream history(words.history, std::ios::binary | std::ios::trunc);
  if (!history) return wrong(fmt::format("--history: {} cannot be written", words.history));
  words.file = words.history;
  ProgressLine line;
  bool begun = false;  // something is in the history
  std::expected<verify::DriveDone, std::string> done;
  std::unique_ptr<Local> local;
  try {
    local = start_local(words, *options, line);
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
  if (!done) fmt::print(stderr, "banter: {}\n", done.error());
  fmt::print(stderr, "seed {}; the history is in {}\n", options->seed, words.history);
  if (words.chaos) {
    fmt::print(stderr, "{} faults of {} kinds\n", local->chaos().faults(), local->chaos().kinds());
  }
  std::ifstream written(words.history, std::ios::binary);
  // What is wrong in a run that did not come to its end is wrong all the same.
  const int judged = check(written, words, context.json);
  const bool told = done || judged == static_cast<int>(ExitStatus::refused);
  const int status = told ? judged : static_cast<int>(ExitStatus::usage);
  if (local && status != 0) {
    const auto logs = words.history + ".logs";
    local->save_logs(logs);
    fmt::print(stderr, "what the nodes have logged is in {}\n", logs);
  }
  if (!words.clean_up || !done) return status;
  const int cleaned = clean_up(context, done->emails);
  return status != 0 ? status : cleaned;
}

int run(const VerifyWords& words, const Context& context) {
  if (const auto good = check_words(words); !good) return wrong(good.error());
  return words.file.empty() ? drive(words, context) : check_file(words, context.json);
}

void add_local_options(CLI::App& command, VerifyWords& words) {
  command.add_option("--local", words.local, "Start a deployment of so many nodes for the run.")
      ->check(CLI::Range(1, 9))
      ->type_name("N");
  command.add_flag("--chaos", words.chaos,
                   "Break its parts, one after the other, then two at once.");
  command
      .add_option("--faults", words.faults,
                  "Only faults that have this in their names, such as \"power\" or \"redis\".")
      ->type_name("TEXT");
  command.add_flag("--redis-cluster", words.redis_cluster,
                   "Give it a Redis Cluster of three masters and three replicas.");
}

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
  const auto words = std::make_shared<VerifyWords>();
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
      "With --local N it starts a deployment of its own: N nodes, PostgreSQL and Redis, or the\n"
      "embedded server alone if N is 1; --chaos kills, freezes, empties and cuts its parts, and\n"
      "takes their power, meanwhile.\n"
      "All of that is on this machine, in directories and on ports of its own, and gone at the "
      "end.\n\n"
      "Exits with 0 if the promise holds, 1 if it is broken, 2 if that could not be found out.",
      "banter verify http://127.0.0.1:8000 http://127.0.0.1:8001 --duration 5m\n"
      "  banter verify --local 3 --chaos --duration 10m\n"
      "  banter verify --check run.jsonl\n  zcat run.jsonl.gz | banter verify --check - --json");
  command->add_option("URL", words->urls, "A node of the deployment, or its balancer.");
  add_local_options(*command, *words);
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
  command->add_option("--writers", words->writers, "Users who write. Default: 3; with --local 6.")
      ->check(CLI::Range(1, 500))
      ->type_name("N");
  command
      ->add_option("--conversations", words->conversations,
                   "Conversations that they write in. Default: 1; with --local 2.")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  command
      ->add_option("--rate", words->rate,
                   "Messages a second of each writer. Default: 0.4, under the server's limit; with "
                   "--local 5.")
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
