#include "wire/http_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace banter::wire {
namespace {

Fields read(std::string_view body) { return read_fields("application/json", body).value(); }

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// A good sign-up but for one field, given as JSON.
std::string sign_up_with(std::string_view field, std::string_view value) {
  std::string body = "{";
  for (const auto& [name, good] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"first_name", "\"Test\""},
                                                                  {"last_name", "\"User\""},
                                                                  {"email", "\"a@b.cd\""},
                                                                  {"password", "\"Pass1243!\""}}) {
    if (body.size() > 1) body += ',';
    body += '"' + std::string(name) + "\":" + std::string(name == field ? value : good);
  }
  return body + "}";
}

// The errors of that field as a JSON array; "" if it passes.
std::string sign_up_errors(std::string_view field, std::string_view value) {
  const auto result = sign_up(read(sign_up_with(field, value)));
  if (result) return "";
  EXPECT_EQ(result.error().status, 400u);
  const std::string prefix = R"({"errors":{")" + std::string(field) + "\":";
  const std::string& body = result.error().body;
  EXPECT_TRUE(body.starts_with(prefix) && body.ends_with("}}")) << body;
  return body.substr(prefix.size(), body.size() - prefix.size() - 2);
}

auth::SignUp accepted(std::string_view field, std::string_view value) {
  const auto result = sign_up(read(sign_up_with(field, value)));
  EXPECT_TRUE(result) << field << value << (result ? "" : result.error().body);
  return result.value_or(auth::SignUp{});
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

constexpr auto blank = R"(["This field may not be blank."])";
constexpr auto null_error = R"(["This field may not be null."])";
constexpr auto not_a_string = R"(["Not a valid string."])";
constexpr auto not_a_name = R"(["Enter a valid value."])";
constexpr auto not_an_email = R"(["Enter a valid email address."])";

TEST(SignUpFields, AreAllChecked) {
  const auto result = sign_up(read("{}"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().body,
            R"({"errors":{"first_name":["This field is required."],)"
            R"("last_name":["This field is required."],"email":["This field is required."],)"
            R"("password":["This field is required."]}})");
  EXPECT_FALSE(result.error().challenge);
}

TEST(SignUpFields, ComeOutTrimmedAndLowerCased) {
  const auto result = sign_up(read(
      R"({"first_name":"  Bob\n","last_name":"\u00a0O'Neil-Smith, Jr.\u3000",)"
      R"("email":"  MiXed.Case@EXAMPLE.com ","password":"  Pass1243!  ","is_staff":true,"id":5})"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->first_name, "Bob");
  EXPECT_EQ(result->last_name, "O'Neil-Smith, Jr.");
  EXPECT_EQ(result->email, "mixed.case@example.com");
  EXPECT_EQ(result->password, "Pass1243!");
}

TEST(SignUpFields, MayComeFromAForm) {
  const auto fields =
      read_fields("application/x-www-form-urlencoded",
                  "first_name=A+B&last_name=Body&email=form%40example.com&password=Pass1243%21");
  ASSERT_TRUE(fields);
  const auto result = sign_up(*fields);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->first_name, "A B");
  EXPECT_EQ(result->password, "Pass1243!");
}

TEST(SignUpFields, MustBeStringsOrNumbers) {
  for (const char* field : {"first_name", "last_name", "password"}) {
    EXPECT_EQ(sign_up_errors(field, "null"), null_error);
    EXPECT_EQ(sign_up_errors(field, "\"\""), blank);
    EXPECT_EQ(sign_up_errors(field, "\"   \""), blank);
    for (const char* value : {"true", "false", "[\"x\"]", "[]", "{\"a\":1}", "{}"})
      EXPECT_EQ(sign_up_errors(field, value), not_a_string) << field << value;
  }
  EXPECT_EQ(sign_up_errors("email", "null"), null_error);
  EXPECT_EQ(sign_up_errors("email", "\" \""), blank);
  for (const char* value : {"true", "[\"x\"]", "{\"a\":1}", "12345678", "12345678.5"})
    EXPECT_EQ(sign_up_errors("email", value), not_an_email) << value;
}

TEST(SignUpFields, TakeNumbersAsTheirDecimalText) {
  EXPECT_EQ(sign_up_errors("first_name", "12345678.5"), not_a_name);
  EXPECT_EQ(accepted("password", "12345678").password, "12345678");
  EXPECT_EQ(accepted("password", "12345678.50").password, "12345678.5");
  EXPECT_EQ(accepted("password", "123456789012345678901234567890").password,
            "123456789012345678901234567890");
}

TEST(SignUpFields, NamesAreLatinLettersAndAFewMarks) {
  EXPECT_EQ(accepted("first_name", "\"-.'\"").first_name, "-.'");
  for (const char* value : {"Jos\xC3\xA9", "\xE6\x9D\x8E", "a_b", "<b>", "\xF0\x9F\x98\x80", "B2",
                            "a\\tb", "a\\nb", "a@b"})
    EXPECT_EQ(sign_up_errors("first_name", in_quotes(value)), not_a_name) << value;
}

TEST(SignUpFields, NamesHaveAtMost50Characters) {
  EXPECT_EQ(accepted("last_name", in_quotes(repeated("a", 50))).last_name.size(), 50u);
  EXPECT_EQ(sign_up_errors("last_name", in_quotes(repeated("a", 51))),
            R"(["Ensure this field has no more than 50 characters."])");
  EXPECT_EQ(sign_up_errors("last_name", in_quotes(repeated("1", 51))),
            R"(["Enter a valid value.","Ensure this field has no more than 50 characters."])");
}

TEST(SignUpFields, TellOfNulAndSurrogatesAfterTheOtherFaultsOfAName) {
  EXPECT_EQ(sign_up_errors("first_name", R"("ab\u0000cd")"),
            R"(["Enter a valid value.","Null characters are not allowed."])");
  EXPECT_EQ(sign_up_errors("first_name", R"("A\ud800")"),
            R"(["Enter a valid value.","Surrogate characters are not allowed: U+D800."])");
}

TEST(SignUpFields, TellOfNulAndSurrogatesBeforeTheFormOfAnEmail) {
  EXPECT_EQ(sign_up_errors("email", R"("ab\u0000cdefghij")"),
            R"(["Null characters are not allowed.","Enter a valid email address."])");
  EXPECT_EQ(sign_up_errors("email", R"("a\uDFFF@example.com")"),
            R"(["Surrogate characters are not allowed: U+DFFF.","Enter a valid email address."])");
}

TEST(SignUpFields, EmailsHaveAtMost320Characters) {
  const std::string domain = "@" + repeated("b", 60) + "." + repeated("c", 60) + ".com";
  EXPECT_EQ(sign_up_errors("email", in_quotes(repeated("a", 320 - domain.size()) + domain)), "");
  EXPECT_EQ(sign_up_errors("email", in_quotes(repeated("a", 321 - domain.size()) + domain)),
            R"(["Ensure this field has no more than 320 characters.",)"
            R"("Enter a valid email address."])");
}

TEST(SignUpFields, PasswordsHave8To128CodePoints) {
  const auto too_short = R"(["Ensure this field has at least 8 characters."])";
  const auto too_long = R"(["Ensure this field has no more than 128 characters."])";
  EXPECT_EQ(sign_up_errors("password", "\"Pass124\""), too_short);
  EXPECT_EQ(sign_up_errors("password", "\" Pass124 \""), too_short);
  EXPECT_EQ(sign_up_errors("password", "\"Pass1243\""), "");
  EXPECT_EQ(sign_up_errors("password", "\"password\""), "");
  EXPECT_EQ(sign_up_errors("password", "\"a b c d e\""), "");
  EXPECT_EQ(sign_up_errors("password", R"("\u043f\u0430\u0440\u043e\u043b\u044c12")"), "");
  EXPECT_EQ(sign_up_errors("password", in_quotes(repeated("\\ud83d\\ude00", 128))), "");
  EXPECT_EQ(sign_up_errors("password", in_quotes(repeated("p", 129))), too_long);
  EXPECT_EQ(sign_up_errors("password", R"("ab\u0000cdefghij")"),
            R"(["Null characters are not allowed."])");
  EXPECT_EQ(sign_up_errors("password", R"("Pass1243\ud800")"),
            R"(["Surrogate characters are not allowed: U+D800."])");
  EXPECT_EQ(
      sign_up_errors("password", R"("ab\u0000")"),
      R"(["Ensure this field has at least 8 characters.","Null characters are not allowed."])");
}

TEST(SignUpFields, NeedABodyThatIsAnObject) {
  const auto error = [](std::string_view body) { return sign_up(read(body)).error().body; };
  EXPECT_EQ(error("null"), R"({"errors":{"non_field_errors":["No data provided"]}})");
  for (const auto& [body, type] :
       std::vector<std::pair<std::string, std::string>>{{"[]", "list"},
                                                        {"[{\"a\":1}]", "list"},
                                                        {"\"x\"", "str"},
                                                        {"\"\"", "str"},
                                                        {"123", "int"},
                                                        {"0", "int"},
                                                        {"1.5", "float"},
                                                        {"true", "bool"},
                                                        {"false", "bool"}})
    EXPECT_EQ(error(body),
              R"({"errors":{"non_field_errors":["Invalid data. Expected a dictionary, but got )" +
                  type + R"(."]}})");
}

}  // namespace
}  // namespace banter::wire
