#include "verify/check/members.hpp"

#include <fmt/format.h>

namespace banter::verify {
namespace {

bool concerns_account(ChangeKind what) {
  return what == ChangeKind::activate || what == ChangeKind::deactivate;
}
bool lets_in(ChangeKind what) { return what == ChangeKind::add || what == ChangeKind::activate; }

}  // namespace

void Members::make(const ConversationMade& conversation) {
  ++version_;
  for (const auto user : conversation.members) {
    memberships_[key(conversation.conversation, user)] = {};
  }
}

Members::Standing& Members::standing_of(const ChangeBegun& change) {
  if (concerns_account(change.what)) return users_[change.user.value];
  const auto [found, inserted] = memberships_.try_emplace(key(change.conversation, change.user));
  if (inserted) found->second.out = Out{.always = true};
  return found->second;
}

std::expected<void, std::string> Members::begin(const ChangeBegun& change, Moment now) {
  ++version_;
  Standing& standing = standing_of(change);
  const auto [found, inserted] = pending_.try_emplace(
      change.call.value, Change{.what = change, .begun = now.line, .before = standing.out});
  if (!inserted)
    return std::unexpected(fmt::format("call {} was begun already", change.call.value));
  if (lets_in(change.what)) {
    standing.out.reset();
    standing.let_in = now.line;
    ++standing.letting_in;
  }
  return {};
}

std::expected<void, std::string> Members::end(const ChangeEnded& ended, Moment now) {
  ++version_;
  const auto found = pending_.find(ended.call.value);
  if (found == pending_.end()) {
    return std::unexpected(fmt::format("no change with call {} is on its way", ended.call.value));
  }
  const Change change = found->second;
  pending_.erase(found);
  Standing& standing = standing_of(change.what);
  if (lets_in(change.what.what)) {
    --standing.letting_in;
    const bool alone = standing.letting_in == 0 && standing.let_in == change.begun;
    if (!ended.done && alone && !standing.out) standing.out = change.before;
    standing.let_in = now.line;
  } else if (ended.done && standing.letting_in == 0 && standing.let_in < change.begun) {
    standing.out = Out{.since = now.at, .line = now.line};
  }
  return {};
}

std::optional<Out> Members::removed(ConversationId conversation, UserId user) const {
  const auto membership = memberships_.find(key(conversation, user));
  if (membership == memberships_.end()) return Out{.always = true};
  return membership->second.out;
}

std::optional<Out> Members::out(ConversationId conversation, UserId user) const {
  if (const auto out = removed(conversation, user)) return out;
  const auto account = users_.find(user.value);
  return account == users_.end() ? std::nullopt : account->second.out;
}

}  // namespace banter::verify
