#include "app/admin_values.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <charconv>
#include <ctime>
#include <utility>

#include "wire/field_rules.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;

// The text members of a question as the fields of a request, which the rules of sign-up judge.
wire::Fields fields_of(const json::object& question) {
  wire::Fields fields;
  for (const auto& [name, value] : question) {
    if (const auto* text = value.if_string()) {
      fields.members.emplace_back(
          name,
          wire::Field{.kind = wire::FieldKind::text, .text = std::string(*text), .elements = {}});
    }
  }
  return fields;
}

// {"email":["Enter a valid email address."]} -> "email: Enter a valid email address."
std::string sentence(const wire::FieldErrors& errors) {
  std::string out;
  const auto all = json::parse(errors.json());
  for (const auto& [field, texts] : all.as_object()) {
    for (const auto& text : texts.as_array()) {
      out += fmt::format("{}{}: {}", out.empty() ? "" : " ", std::string_view(field),
                         std::string_view(text.as_string()));
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> text_member(const json::object& question, std::string_view name) {
  const auto* value = question.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::string needed_text(const json::object& question, std::string_view name) {
  auto text = text_member(question, name);
  if (!text) throw WrongMember(fmt::format("{} is missing", name));
  return *std::move(text);
}

std::int64_t needed_number(const json::object& question, std::string_view name) {
  const auto* value = question.if_contains(name);
  if (value == nullptr || !value->is_int64()) {
    throw WrongMember(fmt::format("{} is not a number", name));
  }
  return value->get_int64();
}

std::int64_t number_member_or(const json::object& question, std::string_view name,
                              std::int64_t otherwise) {
  return question.contains(name) ? needed_number(question, name) : otherwise;
}

std::expected<auth::SignUp, std::string> new_account(const json::object& question) {
  const auto fields = fields_of(question);
  wire::FieldErrors errors;
  auth::SignUp account;
  if (question.contains("first_name")) {
    account.first_name = wire::name_field(fields, "first_name", errors);
  }
  if (question.contains("last_name")) {
    account.last_name = wire::name_field(fields, "last_name", errors);
  }
  account.email = wire::email_field(fields, errors);
  account.password = wire::new_password_field(fields, errors);
  if (!errors.empty()) return std::unexpected(sentence(errors));
  return account;
}

std::expected<std::string, std::string> new_password(const json::object& question) {
  wire::FieldErrors errors;
  auto password = wire::new_password_field(fields_of(question), errors);
  if (!errors.empty()) return std::unexpected(sentence(errors));
  return password;
}

std::optional<std::int64_t> decimal(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end || text.front() == '-') {
    return std::nullopt;
  }
  return value;
}

std::string utc(Micros at) {
  const std::time_t seconds = at.unix_seconds();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string_view password_kind(std::string_view hash) {
  if (hash.starts_with("$argon2id$")) return "argon2id";
  if (hash.starts_with("pbkdf2_sha256$")) return "pbkdf2_sha256";
  return "unknown";
}

json::object account_row(const auth::Account& account) {
  json::object row{{"id", account.id.value},
                   {"email", account.email},
                   {"first_name", account.first_name},
                   {"last_name", account.last_name},
                   {"active", account.active},
                   {"created", utc(account.created_at)},
                   {"last_login", nullptr}};
  if (account.last_login_at) row["last_login"] = utc(*account.last_login_at);
  return row;
}

json::object conversation_row(const chat::ConversationSummary& summary) {
  return {{"id", summary.id.value},
          {"created", utc(summary.created_at)},
          {"members", summary.members},
          {"last_message", summary.head.value}};
}

}  // namespace banter::app
