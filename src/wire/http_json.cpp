#include "wire/http_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "auth/email.hpp"
#include "chat/limits.hpp"
#include "wire/event_json.hpp"
#include "wire/field_rules.hpp"
#include "wire/forms.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

constexpr std::string_view history_begins = R"({"messages":[)";

Answer bad_request(std::string body) {
  return {.status = 400, .body = std::move(body), .challenge = false, .retry_after = {}};
}

// Trimmed text that could be an e-mail or a password; nullopt for whatever could not.
std::optional<std::string_view> credential(const Field& field, bool numbers) {
  const bool number = field.kind == FieldKind::integer || field.kind == FieldKind::real;
  if (field.kind != FieldKind::text && !(numbers && number)) return std::nullopt;
  const std::string_view text = strip(field.text);
  if (text.empty() || text.contains('\0') || lone_surrogate(text) != 0) return std::nullopt;
  return text;
}

std::optional<UserId> member_id(const Field& field) {
  if (field.kind != FieldKind::integer && field.kind != FieldKind::text) return std::nullopt;
  const auto value = integer(field.text);
  if (!value) return std::nullopt;
  const bool possible = *value > 0 && *value < std::numeric_limits<std::int64_t>::max();
  return UserId{possible ? *value : 0};
}

}  // namespace

std::expected<auth::SignUp, Answer> sign_up(const Fields& fields) {
  FieldErrors errors = check_object(fields);
  auth::SignUp values;
  if (errors.empty()) {
    values.first_name = name_field(fields, "first_name", errors);
    values.last_name = name_field(fields, "last_name", errors);
    values.email = email_field(fields, errors);
    values.password = new_password_field(fields, errors);
  }
  if (!errors.empty())
    return std::unexpected(bad_request(fmt::format(R"({{"errors":{}}})", errors.json())));
  return values;
}

std::expected<Credentials, Answer> login(const Fields& fields) {
  const auto email = credential(fields["email"], false);
  const auto password = credential(fields["password"], true);
  if (!email || !password) return std::unexpected(answer(HttpError::invalid_credentials));
  return Credentials{.email = auth::lower_case(*email), .password = std::string(*password)};
}

std::expected<Credentials, Answer> token_request(const Fields& fields) {
  FieldErrors errors = check_object(fields);
  Credentials values;
  if (errors.empty()) {
    values.email = plain_field(fields, "username", errors);
    values.password = plain_field(fields, "password", errors);
  }
  if (!errors.empty()) return std::unexpected(bad_request(errors.json()));
  return values;
}

std::expected<std::string, Answer> refresh_request(const Fields& fields) {
  FieldErrors errors = check_object(fields);
  std::string token;
  if (errors.empty()) token = plain_field(fields, "refresh", errors);
  if (!errors.empty()) return std::unexpected(bad_request(errors.json()));
  return token;
}

std::expected<std::vector<UserId>, Answer> member_ids(const Fields& fields,
                                                      std::size_t members_max) {
  if (fields.kind != FieldKind::object) return std::unexpected(answer(HttpError::body_not_object));
  const Field& field = fields["member_ids"];
  if (field.kind == FieldKind::missing) return std::vector<UserId>{};
  if (field.kind != FieldKind::array) return std::unexpected(answer(HttpError::bad_member_ids));
  std::vector<UserId> ids;
  ids.reserve(field.elements.size());
  for (const Field& element : field.elements) {
    const auto id = member_id(element);
    if (!id) return std::unexpected(answer(HttpError::bad_member_ids));
    ids.push_back(*id);
  }
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  if (ids.size() > members_max) {
    return std::unexpected(answer(HttpError::too_many_members, std::to_string(members_max)));
  }
  return ids;
}

std::expected<HistoryQuery, Answer> history_query(std::string_view query, std::size_t history_max) {
  const auto form = Form::parse(query);
  if (!form) return std::unexpected(answer(HttpError::too_many_fields));
  HistoryQuery result{
      .limit = std::min(chat::history_default, history_max), .before = {}, .after = {}};
  if (const auto limit = form->last("limit")) {
    const auto value = integer(*limit);
    if (!value) return std::unexpected(answer(HttpError::bad_limit));
    const auto max = static_cast<std::int64_t>(history_max);
    result.limit = static_cast<std::size_t>(std::clamp<std::int64_t>(*value, 1, max));
  }
  if (const auto before = form->last("before")) {
    const auto value = integer(*before);
    if (!value) return std::unexpected(answer(HttpError::bad_before));
    result.before = Seq{*value};
  }
  if (const auto after = form->last("after")) {
    const auto value = integer(*after);
    if (!value) return std::unexpected(answer(HttpError::bad_after));
    result.after = Seq{*value};
  }
  return result;
}

std::string signed_up(UserId user, std::string_view email) {
  std::string out = fmt::format(R"({{"id":{},"email":")", user.value);
  append_json_utf8(out, email);
  return out + R"("})";
}

std::string logged_in(const auth::LoggedIn& session) {
  std::string out = fmt::format(R"({{"access":"{}","refresh":"{}","user":)", session.tokens.access,
                                session.tokens.refresh);
  return out + signed_up(session.user, session.email) + '}';
}

std::string tokens(const auth::TokenPair& tokens) {
  return fmt::format(R"({{"refresh":"{}","access":"{}"}})", tokens.refresh, tokens.access);
}

std::string refreshed(std::string_view access_token) {
  return fmt::format(R"({{"access":"{}"}})", access_token);
}

std::string conversation_created(ConversationId conversation) {
  return fmt::format(R"({{"conversation_id":{}}})", conversation.value);
}

std::string conversation_list(std::span<const ConversationId> conversations) {
  std::string out = R"({"conversations":[)";
  for (const ConversationId& conversation : conversations) {
    if (&conversation != &conversations.front()) out += ',';
    fmt::format_to(std::back_inserter(out), R"({{"id":{}}})", conversation.value);
  }
  return out + "]}";
}

HistoryBody::HistoryBody(std::size_t messages_expected) {
  text_.reserve(std::min<std::size_t>(messages_expected, 64) * 128);  // most need no more
  text_ += history_begins;
}

void HistoryBody::add(const chat::Event& event) {
  if (!chat::is_message(event)) return;
  if (text_.size() > history_begins.size()) text_ += ',';
  append_message_compact(text_, event);
}

std::string HistoryBody::finish(Seq head, std::optional<std::string_view> epoch) && {
  text_ += ']';
  if (epoch) {
    fmt::format_to(std::back_inserter(text_), R"(,"head":{},"epoch":")", head.value);
    append_json_utf8(text_, *epoch);
    text_ += '"';
  }
  text_ += '}';
  return std::move(text_);
}

std::string detail(std::string_view text) {
  std::string out = R"({"detail":")";
  append_json_utf8(out, text);
  return out + R"("})";
}

}  // namespace banter::wire
