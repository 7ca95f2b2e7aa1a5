// AdminService: what administrator commands do, once for both ways in: the admin socket of a
// running server, and a command that opened the store itself. Questions and answers are those of
// admin_protocol. Stateless over the ports; on any reactor. Does not print and does not ask back.
#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/admin_protocol.hpp"
#include "auth/accounts.hpp"
#include "auth/ports.hpp"
#include "base/task.hpp"
#include "chat/ports.hpp"

namespace banter::app {

class AdminService {
 public:
  // All outlive the service.
  struct Ports {
    auth::AccountStore& account_store;
    chat::ConversationStore& conversation_store;
    auth::Accounts& accounts;  // hashes passwords
    // After an account or a membership changed: ends what sockets may no longer do.
    std::function<void(const chat::Notice&)> notify;
    // Writes a consistent copy of the store; the error is a sentence.
    std::function<Task<std::expected<void, std::string>>(std::filesystem::path)> backup;
  };
  explicit AdminService(Ports ports);

  // Commands and their members:
  //   user_create {email, password, first_name?, last_name?}     user_list {after?}
  //   user_show, user_activate, user_deactivate, user_delete {user}
  //   user_passwd {user, password}                               conversation_list {after?}
  //   conversation_show {conversation}       conversation_members {conversation, after?}
  //   conversation_member_add, conversation_member_remove {conversation, user}
  //   backup {file}                          status {}
  // user: a number, or an e-mail. Lists come in pages: ask again with after = the last one's number
  // until a page is empty. Never throws: accidents are `unavailable`.
  [[nodiscard]] Task<AdminAnswer> execute(boost::json::object question);

 private:
  using Question = boost::json::object;
  using Command = Task<AdminAnswer> (AdminService::*)(Question);
  [[nodiscard]] static Command find_command(std::string_view name);

  Task<AdminAnswer> user_create(Question question);
  Task<AdminAnswer> user_list(Question question);
  Task<AdminAnswer> user_show(Question question);
  Task<AdminAnswer> user_passwd(Question question);
  Task<AdminAnswer> user_activate(Question question);
  Task<AdminAnswer> user_deactivate(Question question);
  Task<AdminAnswer> user_delete(Question question);
  Task<AdminAnswer> conversation_list(Question question);
  Task<AdminAnswer> conversation_show(Question question);
  Task<AdminAnswer> conversation_members(Question question);
  Task<AdminAnswer> conversation_member_add(Question question);
  Task<AdminAnswer> conversation_member_remove(Question question);
  Task<AdminAnswer> backup(Question question);
  Task<AdminAnswer> status(Question question);

  Task<std::optional<auth::Account>> find_user(std::string name);
  Task<AdminAnswer> set_active(Question question, bool active);
  Task<AdminAnswer> change_member(Question question, bool add);
  void account_changed(UserId user);

  Ports ports_;
};

}  // namespace banter::app
