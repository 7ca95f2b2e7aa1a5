#include "app/commands/context.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/config_table.hpp"

namespace banter::app {
namespace {

// CLI11 indents the further lines of a description but does not break them.
std::string wrapped(const std::string& text, std::size_t columns) {
  std::string out;
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    const auto word = text.substr(at, end - at);
    if (line > 0 && line + 1 + word.size() > columns) {
      out += '\n';
      line = 0;
    } else if (line > 0) {
      out += ' ';
      ++line;
    }
    out += word;
    line += word.size();
    at = end + 1;
  }
  return out;
}

std::string description(const Setting& setting) {
  return wrapped(fmt::format("{} Default: {}.", setting.help, setting.default_text()), 62);
}

}  // namespace

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      const std::string& more, const std::string& example) {
  auto* command = app.add_subcommand(name, what);
  command->footer(fmt::format("{}{}Example:\n  {}", more, more.empty() ? "" : "\n\n", example));
  command->get_formatter()->column_width(34);
  return command;
}

void add_settings(CLI::App& command, Context& context, ConfigScope scope, Listing listing) {
  const std::string hidden;  // CLI11: the group without a name is not listed
  const auto group = [&](std::string_view name) {
    return listing == Listing::hidden ? hidden : std::string(name);
  };
  const auto keep = [&context](std::string name) {
    return [&context, name = std::move(name)](const std::string& value) {
      context.flags[name] = value;
    };
  };
  for (const auto& setting : settings()) {
    if (setting.secret) continue;
    if (scope == ConfigScope::data && setting.scope != ConfigScope::data) continue;
    const std::string name(setting.name);
    if (setting.value_name.empty()) {
      command
          .add_flag_callback(
              setting.flag(), [&context, name] { context.flags[name] = "on"; },
              description(setting))
          ->group(group(setting.group));
      continue;
    }
    command.add_option_function<std::string>(setting.flag(), keep(name), description(setting))
        ->type_name(std::string(setting.value_name))
        ->take_last()
        ->group(group(setting.group));
  }
  command
      .add_option_function<std::string>(
          "--config", keep("config"),
          wrapped("TOML file with settings, one `log_level = \"info\"` per line. Default: "
                  "/etc/banter/banter.toml if it exists.",
                  62))
      ->type_name("FILE")
      ->take_last()
      ->group(group("Where"));
}

void add_json_flag(CLI::App& command, Context& context) {
  command.add_flag("--json", context.json, "Print JSON, for scripts.");
}

std::expected<LoadedConfig, ConfigErrors> read_config(const Context& context, ConfigScope scope) {
  const auto sources = gather_sources(context.flags, process_environment());
  if (!sources) return std::unexpected(sources.error());
  return load_config(*sources, scope);
}

int report(const ConfigErrors& errors) {
  fmt::print(stderr, "banter: {} wrong with the configuration:\n",
             errors.size() == 1 ? std::string("one thing is")
                                : fmt::format("{} things are", errors.size()));
  for (const auto& error : errors) fmt::print(stderr, "  {}\n", error);
  return static_cast<int>(ExitStatus::usage);
}

int administer(const Context& context,
               const std::function<std::expected<void, Failure>(AdminClient&)>& act) {
  const auto loaded = read_config(context, ConfigScope::data);
  if (!loaded) return report(loaded.error());
  auto client = AdminClient::reach(loaded->config);
  if (!client) return report(client.error());
  const auto done = act(*client);
  return done ? static_cast<int>(ExitStatus::ok) : report(done.error());
}

}  // namespace banter::app
