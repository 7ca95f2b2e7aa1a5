// Request bodies of any bytes through every endpoint's reading: an error is a JSON object, a value
// keeps its rules. And wire/json_reader (Boost.JSON with surrogates marked) judges as
// wire/json_scan does, which was written on its own.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/email.hpp"
#include "base/assert.hpp"
#include "base/utf8.hpp"
#include "wire/fields.hpp"
#include "wire/http_json.hpp"
#include "wire/json_reader.hpp"
#include "wire/json_scan.hpp"
#include "wire/text.hpp"

namespace {

using namespace banter;

void expect_error(const wire::Answer& answer, unsigned status) {
  ASSERT(answer.status == status, "bad input is the client's error");
  ASSERT(boost::json::parse(answer.body).is_object(), "an error is a JSON object");
}

template <class Value>
void expect_client_error(const std::expected<Value, wire::Answer>& result) {
  if (!result) expect_error(result.error(), 400);
}

void expect_promises_kept(const wire::Fields& fields) {
  const auto trimmed = [](const std::string& text) {
    return !text.empty() && wire::strip(text) == text && base::is_utf8(text) &&
           !text.contains('\0');
  };
  const auto sign_up = wire::sign_up(fields);
  expect_client_error(sign_up);
  if (sign_up) {
    ASSERT(trimmed(sign_up->first_name) && trimmed(sign_up->last_name), "names are trimmed text");
    ASSERT(trimmed(sign_up->email) && trimmed(sign_up->password), "so are the other fields");
    ASSERT(wire::code_points(sign_up->password) >= 8, "passwords have their length");
  }
  const auto login = wire::login(fields);
  expect_client_error(login);
  if (login) ASSERT(trimmed(login->email) && trimmed(login->password), "credentials are trimmed");
  const auto token = wire::token_request(fields);
  expect_client_error(token);
  if (token) ASSERT(trimmed(token->email) && trimmed(token->password), "so are these");
  const auto refresh = wire::refresh_request(fields);
  expect_client_error(refresh);
  if (refresh) ASSERT(trimmed(*refresh), "and this");
  const auto members = wire::member_ids(fields);
  expect_client_error(members);
  if (members)
    for (std::size_t i = 0; i < members->size(); ++i) {
      ASSERT((*members)[i].value >= 0, "ids are not negative");
      ASSERT(i == 0 || (*members)[i - 1] < (*members)[i], "ids are distinct and ascending");
    }
}

void compare_with_scan(std::string_view bytes) {
  const auto ours = wire::read_json(bytes);
  wire::JsonMember wanted[] = {{"email"}, {"member_ids"}};
  const auto scanned = wire::scan_json(bytes, wire::json_depth_max, wanted);
  if (ours) {
    ASSERT(scanned, "what is taken here is taken there");
    const auto& field = ours->operator[]("email");
    ASSERT((field.kind == wire::FieldKind::missing) ==
               (wanted[0].value.kind == wire::JsonKind::absent),
           "the same members");
    if (field.kind == wire::FieldKind::text && !wanted[0].value.lone_surrogate)
      ASSERT(wire::unescape(wanted[0].value) == field.text, "the same texts");
    ASSERT(field.kind != wire::FieldKind::text ||
               wanted[0].value.lone_surrogate == (wire::lone_surrogate(field.text) != 0),
           "the same surrogates");
  } else if (scanned) {
    ASSERT(bytes.find_first_of("eE") != std::string_view::npos,
           "only exponents beyond any number are refused here alone");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const char* type :
       {"application/json", "application/x-www-form-urlencoded", "application/json; charset=utf-16",
        "application/json; charset=latin-1"}) {
    const auto fields = wire::read_fields(type, bytes);
    expect_client_error(fields);
    if (fields) expect_promises_kept(*fields);
  }
  const auto refused = wire::read_fields(bytes, "x");
  if (!refused) ASSERT(boost::json::parse(refused.error().body).is_object(), "so is a 415");
  if (base::is_utf8(bytes)) compare_with_scan(bytes);
  return 0;
}
