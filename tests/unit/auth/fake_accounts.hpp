// An account store in memory for the tests of auth: counts what it is asked, fails when it is told
// to, and lets a test change accounts in the middle of a look-up. And a runner for tasks.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "auth/ports.hpp"
#include "base/unavailable.hpp"

namespace banter::auth {

// Runs one task to its end and returns what it returned, or throws what it threw.
template <class T>
T run(boost::asio::io_context& context, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr error;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
    error = thrown;
    result.emplace(std::move(value));
  });
  context.restart();
  context.run();
  if (error) std::rethrow_exception(error);
  return *std::move(result);
}

class FakeAccounts final : public AccountStore {
 public:
  std::map<std::int64_t, Account> accounts;
  int finds = 0;                         // by id
  bool writes_fail = false;              // all but create_account
  std::function<void()> before_answer;   // of find_account: the answer is known, not yet given
  std::function<void()> before_created;  // of create_account

  UserId add(const std::string& email, const std::string& hash, bool active = true) {
    const UserId id{static_cast<std::int64_t>(accounts.size()) + 1};
    accounts[id.value] = {.id = id,
                          .email = email,
                          .first_name = {},
                          .last_name = {},
                          .password_hash = hash,
                          .active = active,
                          .created_at = {},
                          .last_login_at = {}};
    return id;
  }

  Task<std::expected<UserId, CreateError>> create_account(NewAccount account) override {
    if (before_created) std::exchange(before_created, nullptr)();
    if (find(account.email)) co_return std::unexpected(CreateError::email_taken);
    co_return add(account.email, account.password_hash);
  }
  Task<std::optional<Account>> find_account(UserId id) override {
    ++finds;
    const auto found = accounts.find(id.value);
    std::optional<Account> answer;
    if (found != accounts.end()) answer = found->second;
    if (before_answer) before_answer();
    co_return answer;
  }
  Task<std::optional<Account>> find_account_by_email(std::string email) override {
    co_return find(email);
  }
  Task<std::vector<Account>> list_accounts(UserId, std::size_t) override {
    co_return std::vector<Account>{};
  }
  Task<bool> set_password_hash(UserId id, std::string password_hash) override {
    co_return change(id, [&](Account& account) { account.password_hash = password_hash; });
  }
  Task<bool> set_active(UserId id, bool active) override {
    co_return change(id, [&](Account& account) { account.active = active; });
  }
  Task<bool> set_last_login(UserId id, Micros at) override {
    co_return change(id, [&](Account& account) { account.last_login_at = at; });
  }
  Task<bool> delete_account(UserId id) override { co_return accounts.erase(id.value) != 0; }

 private:
  std::optional<Account> find(const std::string& email) const {
    for (const auto& [id, account] : accounts)
      if (account.email == email) return account;
    return std::nullopt;
  }
  template <class Change>
  bool change(UserId id, Change apply) {
    if (writes_fail) throw Unavailable("the disk is full");
    const auto found = accounts.find(id.value);
    if (found == accounts.end()) return false;
    apply(found->second);
    return true;
  }
};

}  // namespace banter::auth
