#include "app/admin_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/admin_values.hpp"
#include "auth/email.hpp"
#include "base/log.hpp"
#include "base/unavailable.hpp"
#include "chat/ports.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;

// A page of accounts or conversations stays below admin_line_bytes_max with room to spare: an
// account's texts are at most 320 + 2 * 50 characters.
constexpr std::size_t page_rows = 32;
constexpr std::size_t members_per_page = 500;
constexpr std::size_t shown_conversations_max = 100;

AdminAnswer no_such_user(const std::string& name) {
  return AdminAnswer::refused(fmt::format("no such user: {}", name));
}

AdminAnswer no_such_conversation(ConversationId id) {
  return AdminAnswer::refused(fmt::format("no such conversation: {}", id.value));
}

}  // namespace

AdminService::AdminService(Ports ports) : ports_(std::move(ports)) {}

AdminService::Command AdminService::find_command(std::string_view name) {
  struct Row {
    std::string_view name;
    Command command;
  };
  static constexpr std::array table{
      Row{"user_create", &AdminService::user_create},
      Row{"user_list", &AdminService::user_list},
      Row{"user_show", &AdminService::user_show},
      Row{"user_passwd", &AdminService::user_passwd},
      Row{"user_activate", &AdminService::user_activate},
      Row{"user_deactivate", &AdminService::user_deactivate},
      Row{"user_delete", &AdminService::user_delete},
      Row{"conversation_list", &AdminService::conversation_list},
      Row{"conversation_show", &AdminService::conversation_show},
      Row{"conversation_members", &AdminService::conversation_members},
      Row{"conversation_member_add", &AdminService::conversation_member_add},
      Row{"conversation_member_remove", &AdminService::conversation_member_remove},
      Row{"backup", &AdminService::backup},
      Row{"status", &AdminService::status},
  };
  const auto row = std::ranges::find(table, name, &Row::name);
  return row == table.end() ? nullptr : row->command;
}

Task<AdminAnswer> AdminService::execute(json::object question) {
  const auto name = text_member(question, "command");
  const Command command = name ? find_command(*name) : nullptr;
  if (command == nullptr) co_return AdminAnswer::usage("no such command");
  try {
    co_return co_await (this->*command)(std::move(question));
  } catch (const WrongMember& wrong) {
    co_return AdminAnswer::usage(wrong.what());
  } catch (const Unavailable& accident) {
    co_return AdminAnswer::unavailable(accident.what());
  }
}

Task<std::optional<auth::Account>> AdminService::find_user(std::string name) {
  if (const auto id = decimal(name)) {
    co_return co_await ports_.account_store.find_account(UserId{*id});
  }
  co_return co_await ports_.account_store.find_account_by_email(auth::lower_case(name));
}

void AdminService::account_changed(UserId user) {
  ports_.accounts.forget(user);
  ports_.notify({.kind = chat::Notice::Kind::account_changed, .user = user, .conversation = {}});
}

Task<AdminAnswer> AdminService::user_create(Question question) {
  auto fields = new_account(question);
  if (!fields) co_return AdminAnswer::refused(std::move(fields.error()));
  const auto email = fields->email;
  const auto created = co_await ports_.accounts.sign_up(*std::move(fields));
  if (!created) {
    co_return AdminAnswer::refused(fmt::format("there is a user with the e-mail {}", email));
  }
  log::info("admin", {{"command", "user_create"}, {"user", created->value}});
  co_return AdminAnswer::ok(json::object{{"id", created->value}, {"email", email}});
}

Task<AdminAnswer> AdminService::user_list(Question question) {
  const UserId after{number_member_or(question, "after", 0)};
  json::array rows;
  for (const auto& account : co_await ports_.account_store.list_accounts(after, page_rows)) {
    rows.push_back(account_row(account));
  }
  co_return AdminAnswer::ok(std::move(rows));
}

Task<AdminAnswer> AdminService::user_show(Question question) {
  const auto name = needed_text(question, "user");
  const auto account = co_await find_user(name);
  if (!account) co_return no_such_user(name);
  const auto conversations =
      co_await ports_.conversation_store.conversations_of(account->id, shown_conversations_max);
  auto row = account_row(*account);
  row["password"] = password_kind(account->password_hash);
  json::array ids;
  for (const auto id : conversations) ids.push_back(id.value);
  row["conversations"] = std::move(ids);
  co_return AdminAnswer::ok(std::move(row));
}

Task<AdminAnswer> AdminService::user_passwd(Question question) {
  const auto name = needed_text(question, "user");
  auto password = new_password(question);
  if (!password) co_return AdminAnswer::refused(std::move(password.error()));
  const auto account = co_await find_user(name);
  if (!account) co_return no_such_user(name);
  const bool done = co_await ports_.accounts.set_password(account->id, *std::move(password));
  if (!done) co_return no_such_user(name);
  account_changed(account->id);
  log::info("admin", {{"command", "user_passwd"}, {"user", account->id.value}});
  co_return AdminAnswer::ok(json::object{{"id", account->id.value}, {"email", account->email}});
}

Task<AdminAnswer> AdminService::set_active(Question question, bool active) {
  const auto name = needed_text(question, "user");
  const auto account = co_await find_user(name);
  if (!account) co_return no_such_user(name);
  const bool done = co_await ports_.account_store.set_active(account->id, active);
  if (!done) co_return no_such_user(name);
  account_changed(account->id);
  log::info("admin", {{"command", active ? "user_activate" : "user_deactivate"},
                      {"user", account->id.value}});
  co_return AdminAnswer::ok(json::object{{"id", account->id.value},
                                         {"email", account->email},
                                         {"active", active},
                                         {"changed", account->active != active}});
}

Task<AdminAnswer> AdminService::user_activate(Question question) {
  return set_active(std::move(question), true);
}

Task<AdminAnswer> AdminService::user_deactivate(Question question) {
  return set_active(std::move(question), false);
}

Task<AdminAnswer> AdminService::user_delete(Question question) {
  const auto name = needed_text(question, "user");
  const auto account = co_await find_user(name);
  if (!account) co_return no_such_user(name);
  const bool done = co_await ports_.account_store.delete_account(account->id);
  if (!done) co_return no_such_user(name);
  account_changed(account->id);
  log::info("admin", {{"command", "user_delete"}, {"user", account->id.value}});
  co_return AdminAnswer::ok(json::object{{"id", account->id.value}, {"email", account->email}});
}

Task<AdminAnswer> AdminService::conversation_list(Question question) {
  const ConversationId after{number_member_or(question, "after", 0)};
  json::array rows;
  for (const auto& summary :
       co_await ports_.conversation_store.list_conversations(after, page_rows)) {
    rows.push_back(conversation_row(summary));
  }
  co_return AdminAnswer::ok(std::move(rows));
}

Task<AdminAnswer> AdminService::conversation_show(Question question) {
  const ConversationId id{needed_number(question, "conversation")};
  const auto summary = co_await ports_.conversation_store.find_conversation(id);
  if (!summary) co_return no_such_conversation(id);
  co_return AdminAnswer::ok(conversation_row(*summary));
}

Task<AdminAnswer> AdminService::conversation_members(Question question) {
  const ConversationId id{needed_number(question, "conversation")};
  const UserId after{number_member_or(question, "after", 0)};
  const auto summary = co_await ports_.conversation_store.find_conversation(id);
  if (!summary) co_return no_such_conversation(id);
  auto members = co_await ports_.conversation_store.members_of(id);
  std::ranges::sort(members, {}, &chat::Member::user);
  json::array rows;
  for (const auto& member : members) {
    if (member.user <= after) continue;
    if (rows.size() == members_per_page) break;
    rows.push_back(json::object{{"user", member.user.value}, {"joined", utc(member.joined_at)}});
  }
  co_return AdminAnswer::ok(std::move(rows));
}

Task<AdminAnswer> AdminService::change_member(Question question, bool add) {
  using Change = chat::ConversationStore::MemberChange;
  const ConversationId id{needed_number(question, "conversation")};
  const auto name = needed_text(question, "user");
  const auto account = co_await find_user(name);
  if (!account) co_return no_such_user(name);
  auto change = Change::no_change;
  if (add) {
    change = co_await ports_.conversation_store.add_member(id, account->id);
  } else {
    change = co_await ports_.conversation_store.remove_member(id, account->id);
  }
  switch (change) {
    case Change::no_such_user:
      co_return no_such_user(name);
    case Change::no_such_conversation:
      co_return no_such_conversation(id);
    case Change::no_change:
      co_return AdminAnswer::refused(fmt::format("{} is {} of conversation {}", account->email,
                                                 add ? "a member already" : "no member", id.value));
    case Change::done:
      break;
  }
  using Kind = chat::Notice::Kind;
  ports_.notify({.kind = add ? Kind::member_added : Kind::member_removed,
                 .user = account->id,
                 .conversation = id});
  log::info("admin", {{"command", add ? "conversation_member_add" : "conversation_member_remove"},
                      {"user", account->id.value},
                      {"conversation", id.value}});
  co_return AdminAnswer::ok(json::object{{"conversation", id.value},
                                         {"user", account->id.value},
                                         {"email", account->email},
                                         {"member", add}});
}

Task<AdminAnswer> AdminService::conversation_member_add(Question question) {
  return change_member(std::move(question), true);
}

Task<AdminAnswer> AdminService::conversation_member_remove(Question question) {
  return change_member(std::move(question), false);
}

Task<AdminAnswer> AdminService::backup(Question question) {
  const std::filesystem::path file = needed_text(question, "file");
  // The server's working directory is not the administrator's.
  if (!file.is_absolute()) co_return AdminAnswer::usage("the file needs an absolute path");
  const auto written = co_await ports_.backup(file);
  if (!written) co_return AdminAnswer::refused(written.error());
  log::info("admin", {{"command", "backup"}});
  co_return AdminAnswer::ok(json::object{{"file", file.string()}});
}

Task<AdminAnswer> AdminService::status(Question) {
  const bool healthy = co_await ports_.conversation_store.healthy();
  co_return AdminAnswer::ok(
      json::object{{"epoch", ports_.conversation_store.epoch()}, {"healthy", healthy}});
}

}  // namespace banter::app
