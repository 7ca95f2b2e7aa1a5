// What a field of a request body must be, in the words of Django REST framework and in the order of
// its validators. Each function reads one field, adds what is wrong with it to the errors, and
// returns its trimmed text (meaningless once there are errors). Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/fields.hpp"

namespace banter::wire {

// What is wrong with each field, in the order they were checked.
class FieldErrors {
 public:
  using Texts = std::vector<std::string>;

  // Nothing happens if there are no texts.
  void add(std::string_view field, Texts texts);
  [[nodiscard]] bool empty() const { return fields_.empty(); }
  // {"field":["text",...],...}
  [[nodiscard]] std::string json() const;

 private:
  std::vector<std::pair<std::string, Texts>> fields_;
};

// What a serializer says of a body that is no object; empty if it is one.
[[nodiscard]] FieldErrors check_object(const Fields& fields);

// A text without limits (DRF's CharField).
[[nodiscard]] std::string plain_field(const Fields& fields, std::string_view name,
                                      FieldErrors& errors);
// A person's name: 1-50 characters of A-Z, a-z, space and ,.'-
[[nodiscard]] std::string name_field(const Fields& fields, std::string_view name,
                                     FieldErrors& errors);
// An e-mail address (auth/email.hpp), lower-cased.
[[nodiscard]] std::string email_field(const Fields& fields, FieldErrors& errors);
// A password to be set: 8-128 characters.
[[nodiscard]] std::string new_password_field(const Fields& fields, FieldErrors& errors);

}  // namespace banter::wire
