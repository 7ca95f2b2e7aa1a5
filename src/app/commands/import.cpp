// banter import-django --from URL [--redis URL]
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "app/commands/context.hpp"
#include "app/commands/local_admin.hpp"
#include "app/commands/output.hpp"
#include "app/commands/progress_line.hpp"
#include "app/config_stores.hpp"
#include "app/import/importer.hpp"
#include "base/unavailable.hpp"

namespace banter::app {
namespace {

struct Words {
  std::string from;
  std::string redis;
};

boost::json::object as_json(const ImportReport& report) {
  boost::json::object problems;
  for (const auto& [what, problem] : report.problems) {
    problems[what] = {
        {"count", problem.count},
        {"examples", boost::json::array(problem.examples.begin(), problem.examples.end())}};
  }
  return {{"accounts_added", report.accounts_added},
          {"accounts_there", report.accounts_there},
          {"conversations_added", report.conversations_added},
          {"conversations_there", report.conversations_there},
          {"members_added", report.members_added},
          {"messages_added", report.messages_added},
          {"messages_lost", report.messages_lost},
          {"problems", std::move(problems)}};
}

std::string as_text(const ImportReport& report) {
  auto text = fmt::format(
      "accounts: {} added, {} were there\nconversations: {} added, {} were there; {} members\n"
      "messages: {} added; {} numbers whose message was gone",
      report.accounts_added, report.accounts_there, report.conversations_added,
      report.conversations_there, report.members_added, report.messages_added,
      report.messages_lost);
  for (const auto& [what, problem] : report.problems) {
    text += fmt::format("\n{} {}", problem.count, what);
    for (const auto& example : problem.examples) text += "\n  " + cell(boost::json::value(example));
    if (problem.count > problem.examples.size()) {
      text += fmt::format("\n  and {} more", problem.count - problem.examples.size());
    }
  }
  return text;
}

std::expected<void, Failure> wrong(std::string message) {
  return std::unexpected(Failure{.status = ExitStatus::usage, .message = std::move(message)});
}

std::expected<void, Failure> import(const Words& words, const Context& context,
                                    const Config& config) {
  if (!parse_database(words.from) || !names_postgres(words.from)) {
    return wrong("--from: write postgres://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  if (!words.redis.empty()) {
    if (const auto parsed = parse_redis(words.redis); !parsed) {
      return wrong("--redis: " + parsed.error());
    }
  }
  const bool shared = names_postgres(config.database);
  if (!shared) {
    if (auto own = check_owner(config.data); !own) return own;
  }
  const auto source = DjangoSource::open(words.from, words.redis);
  if (!source) return std::unexpected(Failure{.message = source.error()});
  auto target = shared ? store::open_import_target_postgres(config.database)
                       : store::open_import_target_sqlite(config.data);
  if (!target) {
    auto failure = failure_of(target.error(), config.data.string());
    if (target.error().kind == store::OpenFailure::Kind::locked) {
      failure.message =
          shared ? target.error().detail : failure.message + "; stop the server first, then import";
    }
    return std::unexpected(std::move(failure));
  }
  ProgressLine line;
  Importer importer(**source, **target,
                    [&line](std::string_view what, std::size_t done, std::int64_t total) {
                      line.show(fmt::format("{}: {} of {}", what, done, total),
                                static_cast<std::int64_t>(done) == total);
                    });
  try {
    importer.run();
  } catch (const Unavailable& accident) {
    line.end();
    return std::unexpected(
        Failure{.message = fmt::format("broken off: {}\nWhat was taken so far is stored; the same"
                                       " command goes on from there.\n{}",
                                       accident.what(), as_text(importer.report()))});
  }
  line.end();
  print_done(as_text(importer.report()), as_json(importer.report()), context.json);
  return {};
}

}  // namespace

void add_import_command(CLI::App& app, Context& context) {
  const auto words = std::make_shared<Words>();
  auto* command = add_command(
      app, "import-django", "Take over everything from the Django server this one replaces.",
      "Reads its PostgreSQL and its Redis, changes nothing there, and writes to this server's "
      "store\n"
      "(--data, or --database for PostgreSQL): accounts with their passwords, conversations, "
      "members,\n"
      "and messages under their numbers. Stop both servers first; give this one the same key\n"
      "(DJANGO_SECRET_KEY), and tokens stay valid. It can be run again, and adds what is new.\n"
      "Passwords in URLs show in the process list: leave them out and set PGPASSWORD, or "
      "~/.pgpass.",
      "banter import-django --from postgres://chat@db/chat --redis redis://redis:6379/1 \\\n"
      "    --data /var/lib/banter");
  command->add_option("--from", words->from, "The Django server's PostgreSQL.")
      ->type_name("URL")
      ->take_last()
      ->required();
  command
      ->add_option("--redis", words->redis,
                   "Its Redis, where its messages are; database 1 unless the URL says otherwise.\n"
                   "Left out: no messages are taken.")
      ->type_name("URL")
      ->take_last();
  add_settings(*command, context, ConfigScope::data, Listing::shown);
  add_json_flag(*command, context);
  command->callback([&context, words] {
    context.action = [&context, words] {
      const auto loaded = read_config(context, ConfigScope::data);
      if (!loaded) return report(loaded.error());
      const auto done = import(*words, context, loaded->config);
      return done ? static_cast<int>(ExitStatus::ok) : report(done.error());
    };
  });
}

}  // namespace banter::app
