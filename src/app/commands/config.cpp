// banter config check | print
#include <fmt/format.h>

#include "app/commands/context.hpp"
#include "app/commands/output.hpp"
#include "app/signing_key.hpp"

namespace banter::app {
namespace {

int check(const Context& context) {
  auto loaded = read_config(context, ConfigScope::all);
  if (!loaded) return report(loaded.error());
  if (const auto key = resolve_signing_key(loaded->config, MissingKey::ignore); !key) {
    return report(ConfigErrors{key.error()});
  }
  fmt::print("the configuration is good\n");
  return static_cast<int>(ExitStatus::ok);
}

int print(const Context& context) {
  const auto loaded = read_config(context, ConfigScope::all);
  if (!loaded) return report(loaded.error());
  boost::json::array rows;
  for (const auto& row : loaded->shown) {
    rows.push_back(
        boost::json::object{{"setting", row.name}, {"value", row.value}, {"from", row.source}});
  }
  RowPrinter printer(context.json);
  printer.add(rows);
  printer.finish("");
  return static_cast<int>(ExitStatus::ok);
}

}  // namespace

void add_config_commands(CLI::App& app, Context& context) {
  auto* group = add_command(app, "config", "Check and print the configuration.", "",
                            "banter config check --config /etc/banter/banter.toml");
  add_settings(*group, context, ConfigScope::all, Listing::hidden);

  auto* command = add_command(
      *group, "check", "Say everything that is wrong with the configuration.",
      "Looks at flags, environment and file as `banter serve` would, and at the signing key. Exits "
      "with\n0 if a server would start with them, else with 2.",
      "banter config check --config /etc/banter/banter.toml");
  add_settings(*command, context, ConfigScope::all, Listing::shown);
  command->callback([&context] { context.action = [&context] { return check(context); }; });

  command = add_command(*group, "print", "Print every setting, its value and where it came from.",
                        "Secrets are masked.", "banter config print");
  add_settings(*command, context, ConfigScope::all, Listing::shown);
  add_json_flag(*command, context);
  command->callback([&context] { context.action = [&context] { return print(context); }; });
}

}  // namespace banter::app
