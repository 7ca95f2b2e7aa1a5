// banter user create | list | show | passwd | deactivate | activate | delete
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "app/commands/context.hpp"
#include "app/commands/output.hpp"
#include "app/commands/prompt.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;
using Done = std::expected<void, Failure>;

// What the words after the command said; lives as long as the parser's callbacks.
struct Words {
  std::string user;
  std::string first_name;
  std::string last_name;
};

struct Users {
  CLI::App& group;
  Context& context;
  std::shared_ptr<Words> words = std::make_shared<Words>();

  CLI::App* add(const std::string& name, const std::string& what, const std::string& more,
                const std::string& example) const {
    auto* command = add_command(group, name, what, more, example);
    add_settings(*command, context, ConfigScope::data, Listing::shown);
    add_json_flag(*command, context);
    return command;
  }
  CLI::App* add_for_user(const std::string& name, const std::string& what, const std::string& more,
                         const std::string& example) const {
    auto* command = add(name, what, more, example);
    command->add_option("USER", words->user, "The user's number or e-mail.")->required();
    return command;
  }
  // Sets what is to be done once the command was chosen.
  template <class Act>
  void on(CLI::App* command, Act act) const {
    command->callback([context = &context, words = words, act] {
      context->action = [context, words, act] {
        return administer(*context,
                          [&](AdminClient& client) { return act(client, *words, *context); });
      };
    });
  }
};

std::string name_of(const json::object& user) {
  return fmt::format("{} ({})", std::string_view(user.at("email").as_string()),
                     user.at("id").as_int64());
}

// Asks and says the sentence, with the user's name in it.
Done ask_and_say(AdminClient& client, const Context& context, json::object question,
                 const char* sentence) {
  const auto result = client.ask(std::move(question));
  if (!result) return std::unexpected(result.error());
  const auto& user = result->as_object();
  print_done(fmt::format(fmt::runtime(sentence), name_of(user)), user, context.json);
  return {};
}

Done create(AdminClient& client, const Words& words, const Context& context) {
  auto password = ask_password(words.user);
  if (!password) return std::unexpected(password.error());
  json::object question{{"command", "user_create"}, {"email", words.user}, {"password", *password}};
  if (!words.first_name.empty()) question["first_name"] = words.first_name;
  if (!words.last_name.empty()) question["last_name"] = words.last_name;
  return ask_and_say(client, context, std::move(question), "created {}");
}

Done list(AdminClient& client, const Words&, const Context& context) {
  RowPrinter printer(context.json);
  for (std::int64_t after = 0;;) {
    const auto page = client.ask({{"command", "user_list"}, {"after", after}});
    if (!page) return std::unexpected(page.error());
    const auto& rows = page->as_array();
    if (rows.empty()) break;
    printer.add(rows);
    after = rows.back().at("id").as_int64();
  }
  printer.finish("there are no users");
  return {};
}

Done show(AdminClient& client, const Words& words, const Context& context) {
  const auto user = client.ask({{"command", "user_show"}, {"user", words.user}});
  if (!user) return std::unexpected(user.error());
  print_object(user->as_object(), context.json);
  return {};
}

Done passwd(AdminClient& client, const Words& words, const Context& context) {
  // First, so that nobody types a password for nobody.
  const auto user = client.ask({{"command", "user_show"}, {"user", words.user}});
  if (!user) return std::unexpected(user.error());
  auto password = ask_password(name_of(user->as_object()));
  if (!password) return std::unexpected(password.error());
  return ask_and_say(client, context,
                     {{"command", "user_passwd"}, {"user", words.user}, {"password", *password}},
                     "changed the password of {}");
}

Done set_active(AdminClient& client, const Words& words, const Context& context, bool active) {
  const auto result =
      client.ask({{"command", active ? "user_activate" : "user_deactivate"}, {"user", words.user}});
  if (!result) return std::unexpected(result.error());
  const auto& user = result->as_object();
  const bool changed = user.at("changed").as_bool();
  print_done(fmt::format("{} {} {}", name_of(user), changed ? "is now" : "was already",
                         active ? "active" : "deactivated"),
             user, context.json);
  return {};
}

Done remove(AdminClient& client, const Words& words, const Context& context) {
  const auto user = client.ask({{"command", "user_show"}, {"user", words.user}});
  if (!user) return std::unexpected(user.error());
  const auto name = name_of(user->as_object());
  if (!context.yes &&
      !confirm(fmt::format("Delete {}? This cannot be undone; the messages stay.", name))) {
    return std::unexpected(
        Failure{.status = ExitStatus::refused, .message = "nothing was deleted"});
  }
  return ask_and_say(client, context, {{"command", "user_delete"}, {"user", words.user}},
                     "deleted {}");
}

}  // namespace

void add_user_commands(CLI::App& app, Context& context) {
  auto* group = add_command(app, "user", "Create, look at, change and delete accounts.",
                            "These commands work while the server runs.",
                            "banter user list --data /var/lib/banter");
  add_settings(*group, context, ConfigScope::data, Listing::hidden);
  const Users users{.group = *group, .context = context};

  auto* command = users.add(
      "create", "Create an account.",
      "The password is asked for on the terminal, or read from the first line of standard input.",
      "banter user create ada@example.com --first-name Ada");
  command->add_option("EMAIL", users.words->user, "What the person logs in with.")->required();
  command->add_option("--first-name", users.words->first_name, "First name.")->type_name("NAME");
  command->add_option("--last-name", users.words->last_name, "Last name.")->type_name("NAME");
  users.on(command, create);

  users.on(users.add("list", "List all accounts.", "", "banter user list"), list);
  users.on(users.add_for_user("show", "Show one account.", "", "banter user show ada@example.com"),
           show);
  users.on(
      users.add_for_user("passwd", "Set a new password.",
                         "The password is asked for on the terminal, or read from the first "
                         "line of standard input.\nTokens that were given out stay valid until "
                         "they expire.",
                         "banter user passwd ada@example.com"),
      passwd);
  users.on(users.add_for_user("deactivate", "Lock an account.",
                              "Its requests are refused and its sockets are closed within two "
                              "seconds. Nothing is deleted.",
                              "banter user deactivate 17"),
           [](AdminClient& client, const Words& words, const Context& given) {
             return set_active(client, words, given, false);
           });
  users.on(users.add_for_user("activate", "Unlock an account.", "", "banter user activate 17"),
           [](AdminClient& client, const Words& words, const Context& given) {
             return set_active(client, words, given, true);
           });
  command =
      users.add_for_user("delete", "Delete an account and its memberships.",
                         "What it wrote stays, under its number. Asks first when it is run on "
                         "a terminal.",
                         "banter user delete ada@example.com --yes");
  command->add_flag("--yes", context.yes, "Do not ask.");
  users.on(command, remove);
}

}  // namespace banter::app
