// banter conversation list | show ID | members ID [add|remove USER]
#include <fmt/format.h>

#include <memory>

#include "app/commands/context.hpp"
#include "app/commands/output.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;
using Done = std::expected<void, Failure>;

struct Words {
  std::int64_t conversation = 0;
  std::string change;  // "add", "remove" or empty
  std::string user;
};

Done list(AdminClient& client, const Context& context) {
  RowPrinter printer(context.json);
  for (std::int64_t after = 0;;) {
    const auto page = client.ask({{"command", "conversation_list"}, {"after", after}});
    if (!page) return std::unexpected(page.error());
    const auto& rows = page->as_array();
    if (rows.empty()) break;
    printer.add(rows);
    after = rows.back().at("id").as_int64();
  }
  printer.finish("there are no conversations");
  return {};
}

Done show(AdminClient& client, const Words& words, const Context& context) {
  const auto summary =
      client.ask({{"command", "conversation_show"}, {"conversation", words.conversation}});
  if (!summary) return std::unexpected(summary.error());
  print_object(summary->as_object(), context.json);
  return {};
}

Done list_members(AdminClient& client, const Words& words, const Context& context) {
  RowPrinter printer(context.json);
  for (std::int64_t after = 0;;) {
    const auto page = client.ask({{"command", "conversation_members"},
                                  {"conversation", words.conversation},
                                  {"after", after}});
    if (!page) return std::unexpected(page.error());
    const auto& rows = page->as_array();
    if (rows.empty()) break;
    printer.add(rows);
    after = rows.back().at("user").as_int64();
  }
  printer.finish("it has no members");
  return {};
}

Done change_member(AdminClient& client, const Words& words, const Context& context) {
  const bool add = words.change == "add";
  const auto result =
      client.ask({{"command", add ? "conversation_member_add" : "conversation_member_remove"},
                  {"conversation", words.conversation},
                  {"user", words.user}});
  if (!result) return std::unexpected(result.error());
  const auto& member = result->as_object();
  print_done(fmt::format("{} {} ({}) {} conversation {}", add ? "added" : "removed",
                         std::string_view(member.at("email").as_string()),
                         member.at("user").as_int64(), add ? "to" : "from", words.conversation),
             member, context.json);
  return {};
}

Done members(AdminClient& client, const Words& words, const Context& context) {
  return words.change.empty() ? list_members(client, words, context)
                              : change_member(client, words, context);
}

}  // namespace

void add_conversation_commands(CLI::App& app, Context& context) {
  auto* group =
      add_command(app, "conversation", "Look at conversations and change their members.",
                  "These commands work while the server runs. None shows what was written.",
                  "banter conversation members 7 remove ada@example.com");
  add_settings(*group, context, ConfigScope::data, Listing::hidden);
  const auto words = std::make_shared<Words>();
  const auto finish = [&context, words](CLI::App* command, auto act) {
    add_settings(*command, context, ConfigScope::data, Listing::shown);
    add_json_flag(*command, context);
    command->callback([&context, words, act] {
      context.action = [&context, words, act] {
        return administer(context,
                          [&](AdminClient& client) { return act(client, *words, context); });
      };
    });
  };
  const auto add_id = [&](CLI::App* command) {
    command->add_option("ID", words->conversation, "The conversation's number.")->required();
  };

  finish(
      add_command(*group, "list", "List all conversations.", "", "banter conversation list"),
      [](AdminClient& client, const Words&, const Context& given) { return list(client, given); });

  auto* command = add_command(*group, "show", "Show one conversation: age, members, messages.", "",
                              "banter conversation show 7");
  add_id(command);
  finish(command, show);

  command = add_command(*group, "members", "List the members of a conversation, or change them.",
                        "A removed member's sockets are closed within two seconds.",
                        "banter conversation members 7\n  "
                        "banter conversation members 7 add ada@example.com\n  "
                        "banter conversation members 7 remove 17");
  add_id(command);
  auto* change = command->add_option("CHANGE", words->change, "add or remove")
                     ->check(CLI::IsMember({"add", "remove"}));
  auto* user = command->add_option("USER", words->user, "The user's number or e-mail.");
  change->needs(user);
  finish(command, members);
}

}  // namespace banter::app
