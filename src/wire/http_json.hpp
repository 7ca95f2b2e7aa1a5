// The JSON of the HTTP API, both ways: fields of a request -> validated values or the Answer that
// says what is wrong, in the words of Django REST framework and in its order; values -> bodies.
// Pure. Compact JSON, UTF-8, members in the order of the contract.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/accounts.hpp"
#include "base/ids.hpp"
#include "chat/event.hpp"
#include "chat/limits.hpp"
#include "wire/error_table.hpp"
#include "wire/fields.hpp"

namespace banter::wire {

// ---- requests

// All fields are checked; strings are trimmed, the e-mail is lower-cased.
[[nodiscard]] std::expected<auth::SignUp, Answer> sign_up(const Fields& fields);

struct Credentials {
  std::string email;
  std::string password;
};
// POST login: trimmed, e-mail lower-cased. Whatever is wrong: the one "Invalid credentials."
[[nodiscard]] std::expected<Credentials, Answer> login(const Fields& fields);
// POST token: username and password, trimmed; the username is taken as it is spelled.
[[nodiscard]] std::expected<Credentials, Answer> token_request(const Fields& fields);
// POST token/refresh: the refresh token.
[[nodiscard]] std::expected<std::string, Answer> refresh_request(const Fields& fields);

// POST conversations: distinct ids, ascending, at most members_max; UserId{0} stands for numbers no
// user can have. None if the field is not there.
[[nodiscard]] std::expected<std::vector<UserId>, Answer> member_ids(
    const Fields& fields, std::size_t members_max = chat::members_max);

// GET history: ?limit=&before=&after=, the last of repeated ones. limit is clamped to
// 1..history_max, default history_default.
struct HistoryQuery {
  std::size_t limit = 0;
  std::optional<Seq> before;  // exclusive
  std::optional<Seq> after;   // exclusive
};
[[nodiscard]] std::expected<HistoryQuery, Answer> history_query(
    std::string_view query, std::size_t history_max = chat::history_max);

// ---- responses

[[nodiscard]] std::string signed_up(UserId user, std::string_view email);
[[nodiscard]] std::string logged_in(const auth::LoggedIn& session);
[[nodiscard]] std::string tokens(const auth::TokenPair& tokens);
[[nodiscard]] std::string refreshed(std::string_view access_token);
[[nodiscard]] std::string conversation_created(ConversationId conversation);
[[nodiscard]] std::string conversation_list(std::span<const ConversationId> conversations);
// The body of a history, event by event; those that are no messages are left out.
class HistoryBody {
 public:
  explicit HistoryBody(std::size_t messages_expected);
  void add(const chat::Event& event);  // oldest first
  // epoch: given when the request named before or after; then head and epoch follow the messages.
  [[nodiscard]] std::string finish(Seq head, std::optional<std::string_view> epoch) &&;

 private:
  std::string text_;
};
// {"detail":"..."}
[[nodiscard]] std::string detail(std::string_view text);

}  // namespace banter::wire
