// banter serve
#include "app/commands/context.hpp"
#include "app/server.hpp"
#include "app/signing_key.hpp"

namespace banter::app {
namespace {

int run_server(const Context& context) {
  auto loaded = read_config(context, ConfigScope::all);
  if (!loaded) return report(loaded.error());
  if (const auto key = resolve_signing_key(loaded->config, MissingKey::make); !key) {
    return report(ConfigErrors{key.error()});
  }
  return serve(loaded->config);
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  auto* command = add_command(
      app, "serve", "Run the chat server.",
      "Every flag is also a variable (--log-level: BANTER_LOG_LEVEL) and a line of the TOML file\n"
      "(log_level). Flags go before variables, variables before the file. The signing key is never "
      "a\n"
      "flag: BANTER_SECRET_KEY, --secret-key-file, or made at the first start.",
      "banter serve --listen 127.0.0.1:8000 --data /var/lib/banter");
  add_settings(*command, context, ConfigScope::all, Listing::shown);
  command->callback([&context] { context.action = [&context] { return run_server(context); }; });
}

}  // namespace banter::app
