#include "wire/field_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "auth/email.hpp"
#include "auth/password.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

using Texts = FieldErrors::Texts;

constexpr std::size_t name_points_max = 50;    // contract, section 2
constexpr std::size_t email_points_max = 320;  // contract, section 2
constexpr std::string_view not_a_string = "Not a valid string.";
constexpr std::string_view not_an_email = "Enter a valid email address.";

// DRF's CharField before its validators: the trimmed text, or nothing and the reason in `errors`.
std::string text_of(const Field& field, std::string_view wrong_type, Texts& errors) {
  switch (field.kind) {
    case FieldKind::missing:
      errors.emplace_back("This field is required.");
      return {};
    case FieldKind::null:
      errors.emplace_back("This field may not be null.");
      return {};
    case FieldKind::boolean:
    case FieldKind::array:
    case FieldKind::object:
      errors.emplace_back(wrong_type);
      return {};
    case FieldKind::integer:
    case FieldKind::real:
    case FieldKind::text:
      break;
  }
  const std::string_view text = strip(field.text);
  if (text.empty()) errors.emplace_back("This field may not be blank.");
  return std::string(text);
}

void check_length(std::string_view text, std::size_t min, std::size_t max, Texts& errors) {
  const std::size_t points = code_points(text);
  if (points > max)
    errors.push_back(fmt::format("Ensure this field has no more than {} characters.", max));
  if (points < min)
    errors.push_back(fmt::format("Ensure this field has at least {} characters.", min));
}

void check_characters(std::string_view text, Texts& errors) {
  if (text.contains('\0')) errors.emplace_back("Null characters are not allowed.");
  if (const std::uint32_t surrogate = lone_surrogate(text); surrogate != 0)
    errors.push_back(fmt::format("Surrogate characters are not allowed: U+{:X}.", surrogate));
}

// ^[A-Za-z ,.'-]+$
bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view(" ,.'-").contains(c);
  });
}

}  // namespace

void FieldErrors::add(std::string_view field, Texts texts) {
  if (!texts.empty()) fields_.emplace_back(field, std::move(texts));
}

std::string FieldErrors::json() const {
  std::string out = "{";
  for (const auto& [field, texts] : fields_) {
    if (out.size() > 1) out += ',';
    out += fmt::format(R"("{}":[)", field);
    for (const std::string& text : texts) {
      if (&text != &texts.front()) out += ',';
      out += '"';
      append_json_utf8(out, text);
      out += '"';
    }
    out += ']';
  }
  return out + '}';
}

std::string name_field(const Fields& fields, std::string_view name, FieldErrors& errors) {
  Texts texts;
  std::string text = text_of(fields[name], not_a_string, texts);
  if (texts.empty()) {
    if (!is_name(text)) texts.emplace_back("Enter a valid value.");
    check_length(text, 1, name_points_max, texts);
    check_characters(text, texts);
  }
  errors.add(name, std::move(texts));
  return text;
}

std::string email_field(const Fields& fields, FieldErrors& errors) {
  Texts texts;
  std::string text = text_of(fields["email"], not_an_email, texts);
  if (texts.empty()) {
    check_length(text, 1, email_points_max, texts);
    check_characters(text, texts);
    if (!auth::is_email(text)) texts.emplace_back(not_an_email);
  }
  if (texts.empty()) text = auth::lower_case(text);
  errors.add("email", std::move(texts));
  return text;
}

std::string new_password_field(const Fields& fields, FieldErrors& errors) {
  Texts texts;
  std::string text = text_of(fields["password"], not_a_string, texts);
  if (texts.empty()) {
    check_length(text, auth::password_points_min, auth::password_points_max, texts);
    check_characters(text, texts);
  }
  errors.add("password", std::move(texts));
  return text;
}

// A CharField without limits.
std::string plain_field(const Fields& fields, std::string_view name, FieldErrors& errors) {
  Texts texts;
  std::string text = text_of(fields[name], not_a_string, texts);
  if (texts.empty()) check_characters(text, texts);
  errors.add(name, std::move(texts));
  return text;
}

// What a serializer says of a body that is no object; empty if it is one.
FieldErrors check_object(const Fields& fields) {
  const auto wrong = [](std::string_view python_type) {
    return fmt::format("Invalid data. Expected a dictionary, but got {}.", python_type);
  };
  FieldErrors errors;
  switch (fields.kind) {
    case FieldKind::object:
      break;
    case FieldKind::missing:
    case FieldKind::null:
      errors.add("non_field_errors", {"No data provided"});
      break;
    case FieldKind::boolean:
      errors.add("non_field_errors", {wrong("bool")});
      break;
    case FieldKind::integer:
      errors.add("non_field_errors", {wrong("int")});
      break;
    case FieldKind::real:
      errors.add("non_field_errors", {wrong("float")});
      break;
    case FieldKind::text:
      errors.add("non_field_errors", {wrong("str")});
      break;
    case FieldKind::array:
      errors.add("non_field_errors", {wrong("list")});
      break;
  }
  return errors;
}

}  // namespace banter::wire
