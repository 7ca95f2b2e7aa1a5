#include "app/import/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/email.hpp"

namespace banter::app {
namespace {

// Django's own word for an account that no password opens.
constexpr std::string_view no_password = "!";

// What the user logs in with: the replaced system keeps it in both columns, lower-cased; accounts
// made by hand may have it in one of them.
std::string email_of(const DjangoUser& user) {
  for (const auto& text : {user.username, user.email}) {
    auto email = auth::lower_case(text);
    if (auth::is_email(email)) return email;
  }
  return {};
}

}  // namespace

Importer::Importer(DjangoSource& source, store::ImportTarget& target, Progress progress)
    : source_(source), target_(target), progress_(std::move(progress)) {}

void Importer::run() {
  const auto counts = source_.counts();
  import_users(counts.users);
  import_conversations(counts.conversations);
  look_for_orphans();
}

void Importer::import_users(std::int64_t total) {
  UserId after{0};
  std::size_t done = 0;
  for (auto page = source_.users(after); !page.empty(); page = source_.users(after)) {
    for (const auto& user : page) import_user(user);
    after = page.back().id;
    done += page.size();
    progress_("accounts", done, total);
  }
}

void Importer::import_user(const DjangoUser& user) {
  const auto who = fmt::format("{} ({})", user.id.value, user.username);
  auto email = email_of(user);
  if (email.empty()) {
    return tell("accounts without an e-mail address, which nobody could log in to: not taken", who);
  }
  auth::Account account{.id = user.id,
                        .email = std::move(email),
                        .first_name = user.first_name,
                        .last_name = user.last_name,
                        .password_hash = user.password,
                        .active = user.active,
                        .created_at = user.joined_at,
                        .last_login_at = user.last_login_at};
  const bool known_hash = user.password.starts_with("pbkdf2_sha256$");
  if (!known_hash) account.password_hash = no_password;
  switch (target_.put_account(account)) {
    case store::ImportTarget::AccountPut::there:
      ++report_.accounts_there;
      return;
    case store::ImportTarget::AccountPut::number_taken:
      return tell("accounts whose number is another one's here: not taken", who);
    case store::ImportTarget::AccountPut::email_taken:
      return tell("accounts whose e-mail address is another one's: not taken", who);
    case store::ImportTarget::AccountPut::added:
      break;
  }
  ++report_.accounts_added;
  if (!known_hash) {
    tell(
        "accounts whose password hash is of another kind: taken without a password, set one with"
        " `banter user passwd`",
        who);
  }
  if (user.staff) tell("staff accounts: taken as ordinary ones, there are no others here", who);
}

void Importer::import_conversations(std::int64_t total) {
  ConversationId after{0};
  std::size_t done = 0;
  for (auto page = source_.conversations(after); !page.empty();
       page = source_.conversations(after)) {
    for (const auto& conversation : page) {
      import_conversation(conversation);
      progress_("conversations", ++done, total);
    }
    after = page.back().id;
  }
}

void Importer::import_conversation(const DjangoConversation& conversation) {
  conversations_.push_back(conversation.id.value);
  const auto which = fmt::format("{}", conversation.id.value);
  const auto there = target_.find_conversation(conversation.id);
  if (there && there->created_at != conversation.created_at) {
    return tell("conversations whose number is another one's here: not taken", which);
  }

  auto found = source_.messages(conversation.id);
  for (const auto& why : found.unreadable) {
    tell("entries in lists of messages that are none: left out",
         fmt::format("{} in conversation {}", why, which));
  }
  if (found.too_long) {
    return tell("conversations with over 1,000,000 messages or 256 MiB: not taken", which);
  }
  const auto head = there ? std::optional(there->head) : std::nullopt;
  auto plan = plan_log(conversation.id, std::move(found.messages), found.counter, head);
  if (!plan) {
    return tell("conversations with too many numbers without a message: not taken",
                fmt::format("{}: {}", which, plan.error()));
  }
  if (plan->repeated > 0) {
    tell("messages under a number that another one has: left out",
         fmt::format("{} in conversation {}", plan->repeated, which));
  }

  store::ImportedConversation imported{.id = conversation.id,
                                       .created_at = conversation.created_at,
                                       .members = {},
                                       .events = std::move(plan->events),
                                       .next = plan->next};
  for (const auto& member : conversation.members) {
    if (target_.has_account(member.user)) {
      imported.members.push_back(member);
    } else {
      tell("members whose account was not taken: left out",
           fmt::format("account {} in conversation {}", member.user.value, which));
    }
  }
  const auto added = target_.put_conversation(imported);
  ++(there ? report_.conversations_there : report_.conversations_added);
  report_.members_added += added.members;
  report_.messages_added += added.events - plan->holes;
  report_.messages_lost += plan->holes;
}

void Importer::look_for_orphans() {
  for (const auto id : source_.listed_conversations()) {
    if (!std::ranges::binary_search(conversations_, id.value)) {
      tell("lists of messages whose conversation the database does not have: not taken",
           fmt::format("{}", id.value));
    }
  }
}

void Importer::tell(const std::string& problem, std::string example) {
  auto& told = report_.problems[problem];
  ++told.count;
  if (told.examples.size() < ImportProblem::examples_max) {
    told.examples.push_back(std::move(example));
  }
}

}  // namespace banter::app
