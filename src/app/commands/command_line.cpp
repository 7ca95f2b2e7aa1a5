#include "app/commands/command_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <vector>

#include "app/commands/context.hpp"
#include "app/config_table.hpp"
#include "app/config_words.hpp"
#include "base/unavailable.hpp"

namespace banter::app {
namespace {

std::vector<CLI::App*> commands_of(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

// Commands take what they do not know, so that it can be told together, with suggestions.
void keep_extras(CLI::App& app) {
  app.allow_extras();
  app.require_subcommand(0, 1);
  for (auto* command : commands_of(app)) keep_extras(*command);
}

CLI::App& chosen(CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : chosen(*commands.front());
}

// "banter user show"
std::string path_of(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : path_of(*parent) + " " + command.get_name();
}

std::string why_unknown(const CLI::App& command, const std::string& word) {
  if (!word.starts_with('-')) return fmt::format("{}: not expected here", in_quotes(word));
  const auto flag = word.substr(0, word.find('='));
  for (const auto& setting : settings()) {
    if (setting.secret && flag == fmt::format("--{}", setting.name)) {
      return fmt::format("{}: never a flag, because flags show in the process list; set {}", flag,
                         setting.variable());
    }
  }
  std::vector<std::string> flags;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  }
  const auto near = nearest(flag, flags);
  return near.empty() ? fmt::format("{}: no such option; see --help", in_quotes(flag))
                      : fmt::format("{}: no such option; did you mean {}?", in_quotes(flag), near);
}

ConfigErrors unknown_words(const CLI::App& command) {
  ConfigErrors flags;
  ConfigErrors others;
  for (const auto& word : command.remaining()) {
    (word.starts_with('-') ? flags : others).push_back(why_unknown(command, word));
  }
  // A word after an unknown flag is its value, most likely.
  return flags.empty() ? others : flags;
}

// A group was named, and none of its commands.
int report_no_command(CLI::App& group) {
  std::vector<std::string> names;
  for (const auto* command : commands_of(group)) names.push_back(command->get_name());
  const auto words = group.remaining();
  if (words.empty() || words.front().starts_with('-')) {
    const auto* parent = group.get_parent();
    fmt::print(stderr, "{}", group.help(parent == nullptr ? "" : path_of(*parent)));
  } else {
    const auto near = nearest(words.front(), names);
    fmt::print(stderr, "banter: {} is no command of `{}`; {}\n", in_quotes(words.front()),
               path_of(group),
               near.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                            : fmt::format("did you mean {}?", near));
  }
  return static_cast<int>(ExitStatus::usage);
}

int parse_and_run(CLI::App& app, const Context& context, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    fmt::print(stderr, "banter: {}\nSee {} --help.\n", error.what(), path_of(chosen(app)));
    return static_cast<int>(ExitStatus::usage);
  }
  auto& command = chosen(app);
  if (!commands_of(command).empty()) return report_no_command(command);
  const auto unknown = unknown_words(command);
  if (unknown.empty()) return context.action();
  for (const auto& word : unknown) fmt::print(stderr, "banter: {}\n", word);
  return static_cast<int>(ExitStatus::usage);
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  Context context;
  CLI::App app("Banter: a chat server that loses no message.", "banter");
  app.footer("`banter COMMAND --help` tells more of each command.");
  app.get_formatter()->column_width(34);
  app.set_version_flag("--version", "banter " BANTER_VERSION);
  add_settings(app, context, ConfigScope::data, Listing::hidden);
  add_serve_command(app, context);
  add_user_commands(app, context);
  add_conversation_commands(app, context);
  add_config_commands(app, context);
  add_store_commands(app, context);
  add_import_command(app, context);
  add_verify_command(app, context);
  add_command(app, "version", "Print the version.", "", "banter version")->callback([&context] {
    context.action = [] {
      fmt::print("banter {}\n", BANTER_VERSION);
      return static_cast<int>(ExitStatus::ok);
    };
  });
  keep_extras(app);
  try {
    return parse_and_run(app, context, argc, argv);
  } catch (const Unavailable& accident) {
    return report(Failure{.message = accident.what()});
  } catch (const std::exception& accident) {
    return report(Failure{.message = accident.what()});
  }
}

}  // namespace banter::app
