// What administrator questions and answers are made of: members of a question -> values, domain
// values
// -> rows. Pure. A member that is missing or of another type throws WrongMember, which only
// AdminService catches.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "auth/accounts.hpp"
#include "auth/ports.hpp"
#include "base/clock.hpp"
#include "chat/ports.hpp"

namespace banter::app {

class WrongMember : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[nodiscard]] std::optional<std::string> text_member(const boost::json::object& question,
                                                     std::string_view name);
[[nodiscard]] std::string needed_text(const boost::json::object& question, std::string_view name);
[[nodiscard]] std::int64_t needed_number(const boost::json::object& question,
                                         std::string_view name);
[[nodiscard]] std::int64_t number_member_or(const boost::json::object& question,
                                            std::string_view name, std::int64_t otherwise);

// By the rules of sign-up (wire/field_rules), but names may be left out. The error is a sentence.
[[nodiscard]] std::expected<auth::SignUp, std::string> new_account(
    const boost::json::object& question);
[[nodiscard]] std::expected<std::string, std::string> new_password(
    const boost::json::object& question);

// ASCII digits and nothing else; nullopt past 64 bits.
[[nodiscard]] std::optional<std::int64_t> decimal(std::string_view text);
// "2026-01-02T03:04:05Z"
[[nodiscard]] std::string utc(Micros at);
// "argon2id", "pbkdf2_sha256" or "unknown"
[[nodiscard]] std::string_view password_kind(std::string_view hash);

[[nodiscard]] boost::json::object account_row(const auth::Account& account);
[[nodiscard]] boost::json::object conversation_row(const chat::ConversationSummary& summary);

}  // namespace banter::app
