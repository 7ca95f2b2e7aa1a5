// What the command line said, as CLI11 found it, and the one thing that is to be done. Each file of
// this folder adds its commands to the parser and leaves its action here.
#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <functional>
#include <map>
#include <string>

#include "app/commands/admin_client.hpp"
#include "app/commands/failure.hpp"
#include "app/config.hpp"

namespace banter::app {

struct Context {
  std::map<std::string, std::string> flags;  // settings, by name
  bool json = false;
  bool yes = false;
  std::function<int()> action;
};

// The commands; context outlives the parser.
void add_serve_command(CLI::App& app, Context& context);
void add_user_commands(CLI::App& app, Context& context);
void add_conversation_commands(CLI::App& app, Context& context);
void add_store_commands(CLI::App& app, Context& context);  // migrate, backup, restore
void add_import_command(CLI::App& app, Context& context);
void add_config_commands(CLI::App& app, Context& context);
void add_verify_command(CLI::App& app, Context& context);

// A command with its help: what it does, and an example that can be copied.
[[nodiscard]] CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                                    const std::string& more, const std::string& example);
// The flags of the settings in scope. Hidden: taken, but not listed in --help.
enum class Listing { shown, hidden };
void add_settings(CLI::App& command, Context& context, ConfigScope scope, Listing listing);
void add_json_flag(CLI::App& command, Context& context);

// Flags, environment and file together.
[[nodiscard]] std::expected<LoadedConfig, ConfigErrors> read_config(const Context& context,
                                                                    ConfigScope scope);
// Prints every error on its own line of stderr.
[[nodiscard]] int report(const ConfigErrors& errors);

// Runs `act` with a way to the store; reports what stands in the way. The action of most
// administrator commands.
[[nodiscard]] int administer(const Context& context,
                             const std::function<std::expected<void, Failure>(AdminClient&)>& act);

}  // namespace banter::app
