#include <algorithm>
#include <ranges>

#include "store/memory/memory_store.hpp"
#include "store/memory/perform.hpp"

namespace banter::store {

Task<std::expected<UserId, auth::CreateError>> MemoryStore::create_account(
    auth::NewAccount account) {
  return perform(Operation::other_write,
                 [this, wanted = std::move(account)]() -> std::expected<UserId, auth::CreateError> {
                   const auto taken = [&wanted](const auth::Account& other) {
                     return other.email == wanted.email;
                   };
                   if (std::ranges::any_of(accounts_ | std::views::values, taken)) {
                     return std::unexpected(auth::CreateError::email_taken);
                   }
                   const UserId id{++last_user_};
                   accounts_.emplace(id, auth::Account{.id = id,
                                                       .email = wanted.email,
                                                       .first_name = wanted.first_name,
                                                       .last_name = wanted.last_name,
                                                       .password_hash = wanted.password_hash,
                                                       .active = true,
                                                       .created_at = options_.clock(),
                                                       .last_login_at = std::nullopt});
                   return id;
                 });
}

Task<std::optional<auth::Account>> MemoryStore::find_account(UserId id) {
  return perform(Operation::read, [this, id]() -> std::optional<auth::Account> {
    const auto found = accounts_.find(id);
    if (found == accounts_.end()) return std::nullopt;
    return found->second;
  });
}

Task<std::optional<auth::Account>> MemoryStore::find_account_by_email(std::string email) {
  return perform(Operation::read,
                 [this, wanted = std::move(email)]() -> std::optional<auth::Account> {
                   for (const auto& account : accounts_ | std::views::values) {
                     if (account.email == wanted) return account;
                   }
                   return std::nullopt;
                 });
}

Task<std::vector<auth::Account>> MemoryStore::list_accounts(UserId after, std::size_t count) {
  return perform(Operation::read, [this, after, count] {
    std::vector<auth::Account> found;
    for (auto each = accounts_.upper_bound(after); each != accounts_.end() && found.size() < count;
         ++each) {
      found.push_back(each->second);
    }
    return found;
  });
}

template <class Change>
Task<bool> MemoryStore::change_account(UserId id, Change change) {
  return perform(Operation::other_write, [this, id, change = std::move(change)] {
    const auto found = accounts_.find(id);
    if (found == accounts_.end()) return false;
    change(found->second);
    return true;
  });
}

Task<bool> MemoryStore::set_password_hash(UserId id, std::string password_hash) {
  return change_account(id, [hash = std::move(password_hash)](auth::Account& account) {
    account.password_hash = hash;
  });
}

Task<bool> MemoryStore::set_active(UserId id, bool active) {
  return change_account(id, [active](auth::Account& account) { account.active = active; });
}

Task<bool> MemoryStore::set_last_login(UserId id, Micros at) {
  return change_account(id, [at](auth::Account& account) { account.last_login_at = at; });
}

Task<bool> MemoryStore::delete_account(UserId id) {
  return perform(Operation::other_write, [this, id] {
    for (auto& conversation : conversations_ | std::views::values) conversation.members.erase(id);
    return accounts_.erase(id) == 1;
  });
}

}  // namespace banter::store
