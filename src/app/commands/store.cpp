// banter migrate | backup FILE | restore FILE
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "app/commands/context.hpp"
#include "app/commands/local_admin.hpp"
#include "app/commands/output.hpp"
#include "app/config_stores.hpp"
#include "app/signing_key.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace banter::app {
namespace {

using Done = std::expected<void, Failure>;

int finish(const Done& done) {
  return done ? static_cast<int>(ExitStatus::ok) : report(done.error());
}

std::unexpected<Failure> not_of_postgres(std::string_view instead) {
  return std::unexpected(Failure{.status = ExitStatus::usage, .message = std::string(instead)});
}

std::expected<int, Failure> steps_applied(const Config& config) {
  const bool shared = names_postgres(config.database);
  const auto steps = shared ? store::PostgresStore::migrate(config.database)
                            : store::SqliteStore::migrate(config.data);
  if (steps) return *steps;
  return std::unexpected(failure_of(steps.error(), config.data.string()));
}

Done migrate(const Context& context, const Config& config) {
  const auto status =
      ask_server(admin_socket_path(config.data), {{"command", "status"}}, std::chrono::seconds{5});
  if (status && status->kind == AdminAnswer::Kind::ok) {
    print_done("the server is running and its database is up to date", {{"steps", 0}},
               context.json);
    return {};
  }
  if (!names_postgres(config.database)) {
    if (auto own = check_owner(config.data); !own) return own;
  }
  const auto steps = steps_applied(config);
  if (!steps) return std::unexpected(steps.error());
  print_done(*steps == 0 ? "the database is up to date"
                         : fmt::format("applied {} {}", *steps, *steps == 1 ? "step" : "steps"),
             {{"steps", *steps}}, context.json);
  return {};
}

Done back_up(AdminClient& client, const std::string& file, const Context& context) {
  std::error_code error;
  const auto target = std::filesystem::absolute(file, error);
  const auto written = client.ask({{"command", "backup"}, {"file", target.string()}});
  if (!written) return std::unexpected(written.error());
  print_done(
      fmt::format("wrote {}\nThe signing key (secret.key in the data directory) is not in it: "
                  "keep a copy of it elsewhere.",
                  target.string()),
      written->as_object(), context.json);
  return {};
}

Done restore(const std::string& file, bool replace, const Context& context, const Config& config) {
  if (names_postgres(config.database)) {
    return not_of_postgres(
        "this store is in PostgreSQL: restore it with pg_restore or from a base backup "
        "(docs/nodes.md says how); the nodes notice that it begins a new epoch");
  }
  if (auto own = check_owner(config.data); !own) return own;
  const auto restored =
      store::restore_backup({.backup = file, .data_dir = config.data, .replace = replace});
  if (!restored) {
    auto failure = failure_of(restored.error(), config.data.string());
    if (restored.error().kind == store::OpenFailure::Kind::locked) {
      failure.message += "; stop the server first, then restore";
    }
    return std::unexpected(std::move(failure));
  }
  print_done(
      fmt::format("restored {} to {}\nClients that come back are sent the whole history anew. "
                  "The signing key is the one in {}, not the backup's.",
                  file, config.data.string(), signing_key_file(config).string()),
      {{"data", config.data.string()}}, context.json);
  return {};
}

}  // namespace

void add_store_commands(CLI::App& app, Context& context) {
  auto* command = add_command(
      app, "migrate", "Bring the database up to date, or make one.",
      "The server does this by itself when it starts. By hand it is of use to see an upgrade "
      "through\nbefore the server is started.",
      "banter migrate --data /var/lib/banter");
  add_settings(*command, context, ConfigScope::data, Listing::shown);
  add_json_flag(*command, context);
  command->callback([&context] {
    context.action = [&context] {
      const auto loaded = read_config(context, ConfigScope::data);
      return loaded ? finish(migrate(context, loaded->config)) : report(loaded.error());
    };
  });

  const auto file = std::make_shared<std::string>();
  command = add_command(app, "backup", "Write a consistent copy of the database to a new file.",
                        "Works while the server runs, and does not hold it up. The signing key is "
                        "not in it.",
                        "banter backup /backup/banter-$(date +%F).db --data /var/lib/banter");
  command->add_option("FILE", *file, "Where to write it; must not exist yet.")->required();
  add_settings(*command, context, ConfigScope::data, Listing::shown);
  add_json_flag(*command, context);
  command->callback([&context, file] {
    context.action = [&context, file] {
      return administer(context,
                        [&](AdminClient& client) { return back_up(client, *file, context); });
    };
  });

  const auto replace = std::make_shared<bool>(false);
  command = add_command(app, "restore", "Make a backup the database of the data directory.",
                        "The server must be stopped. Clients that come back are sent their history "
                        "anew.",
                        "banter restore /backup/banter-2026-01-02.db --data /var/lib/banter");
  command->add_option("FILE", *file, "A file that `banter backup` wrote.")->required();
  command->add_flag("--replace", *replace, "Give up the database that is there.");
  add_settings(*command, context, ConfigScope::data, Listing::shown);
  add_json_flag(*command, context);
  command->callback([&context, file, replace] {
    context.action = [&context, file, replace] {
      const auto loaded = read_config(context, ConfigScope::data);
      return loaded ? finish(restore(*file, *replace, context, loaded->config))
                    : report(loaded.error());
    };
  });
}

}  // namespace banter::app
