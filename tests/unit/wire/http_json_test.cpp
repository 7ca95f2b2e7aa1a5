#include "wire/http_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace banter::wire {
namespace {

using namespace std::string_literals;

Fields read(std::string_view body) { return read_fields("application/json", body).value(); }

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// ---- login, token, refresh

TEST(LoginFields, AreTrimmedAndTheEmailIsLowerCased) {
  const auto result = login(read(R"({"email":" ALICE@Example.com ","password":"  Pass1243! "})"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->email, "alice@example.com");
  EXPECT_EQ(result->password, "Pass1243!");
}

TEST(LoginFields, AreInvalidCredentialsHoweverTheyAreWrong) {
  std::vector<std::string> bodies = {"null",
                                     "[]",
                                     "[1,2]",
                                     "\"x\"",
                                     "123",
                                     "0",
                                     "false",
                                     "{}",
                                     R"({"password":"Pass1243!","username":"a@b.cd"})",
                                     R"({"email":"a@b.cd"})",
                                     R"({"password":"Pass1243!"})"};
  for (const char* value : {"null", "\"\"", "\"  \"", "true", "false", "[]", "[\"a\"]", "{}",
                            "{\"a\":1}", R"("a\u0000b")", R"("a\ud800")"}) {
    bodies.push_back(R"({"email":"a@b.cd","password":)"s + value + "}");
    bodies.push_back(R"({"password":"Pass1243!","email":)"s + value + "}");
  }
  for (const char* number : {"0", "5", "1.5"})
    bodies.push_back(R"({"password":"Pass1243!","email":)"s + number + "}");
  for (const std::string& body : bodies) {
    const auto result = login(read(body));
    ASSERT_FALSE(result) << body;
    EXPECT_EQ(result.error().status, 400u);
    EXPECT_EQ(result.error().body, R"({"detail":"Invalid credentials."})") << body;
  }
}

TEST(LoginFields, TakeAPasswordThatIsANumberAsSignUpDoes) {
  EXPECT_EQ(login(read(R"({"email":"a@b.cd","password":12345678})"))->password, "12345678");
}

TEST(TokenFields, AreTrimmedAndKeepTheirCase) {
  const auto result =
      token_request(read(R"({"username":"  Alice@example.com ","password":" Pass1243! "})"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->email, "Alice@example.com");
  EXPECT_EQ(result->password, "Pass1243!");
  EXPECT_EQ(token_request(read(R"({"username":5,"password":1.5})"))->email, "5");
}

TEST(TokenFields, SayWhatIsWrongWithoutAWrapper) {
  const auto error = [](std::string_view body) { return token_request(read(body)).error().body; };
  EXPECT_EQ(error("{}"),
            R"({"username":["This field is required."],"password":["This field is required."]})");
  EXPECT_EQ(error(R"({"username":" ","password":""})"),
            R"({"username":["This field may not be blank."],)"
            R"("password":["This field may not be blank."]})");
  EXPECT_EQ(error(R"({"username":null,"password":"x"})"),
            R"({"username":["This field may not be null."]})");
  EXPECT_EQ(error(R"({"username":["a"],"password":{"a":1}})"),
            R"({"username":["Not a valid string."],"password":["Not a valid string."]})");
  EXPECT_EQ(error(R"({"username":"a\u0000b","password":"x"})"),
            R"({"username":["Null characters are not allowed."]})");
  EXPECT_EQ(error(R"({"username":"a\ud800","password":"x"})"),
            R"({"username":["Surrogate characters are not allowed: U+D800."]})");
  EXPECT_EQ(error("null"), R"({"non_field_errors":["No data provided"]})");
  EXPECT_EQ(error("[1,2]"),
            R"({"non_field_errors":["Invalid data. Expected a dictionary, but got list."]})");
}

TEST(RefreshFields, AreOneToken) {
  EXPECT_EQ(refresh_request(read(R"({"refresh":"  a.b.c "})")), "a.b.c");
  EXPECT_EQ(refresh_request(read(R"({"refresh":5})")), "5");
  const auto error = [](std::string_view body) { return refresh_request(read(body)).error().body; };
  EXPECT_EQ(error("{}"), R"({"refresh":["This field is required."]})");
  EXPECT_EQ(error(R"({"refresh":true})"), R"({"refresh":["Not a valid string."]})");
  EXPECT_EQ(error(R"({"refresh":"  "})"), R"({"refresh":["This field may not be blank."]})");
  EXPECT_EQ(error(R"({"refresh":"a\u0000b"})"),
            R"({"refresh":["Null characters are not allowed."]})");
  EXPECT_EQ(error("\"x\""),
            R"({"non_field_errors":["Invalid data. Expected a dictionary, but got str."]})");
}

// ---- conversations

std::vector<std::int64_t> ids(std::string_view value) {
  const auto result = member_ids(read(R"({"member_ids":)" + std::string(value) + "}"));
  EXPECT_TRUE(result) << value;
  std::vector<std::int64_t> numbers;
  if (result)
    for (const UserId id : *result) numbers.push_back(id.value);
  return numbers;
}

std::string ids_error(std::string_view value) {
  const auto result = member_ids(read(R"({"member_ids":)" + std::string(value) + "}"));
  if (result) return "";
  EXPECT_EQ(result.error().status, 400u);
  return result.error().body;
}

using Numbers = std::vector<std::int64_t>;

TEST(MemberIds, MayBeLeftOut) {
  EXPECT_TRUE(member_ids(read("{}")).value().empty());
  EXPECT_EQ(ids("[]"), Numbers{});
}

TEST(MemberIds, AreIntegersOrTheirDigits) {
  EXPECT_EQ(ids("[3,2]"), (Numbers{2, 3}));
  EXPECT_EQ(ids(R"(["2"," 3 ","+4","05","\t6\n"])"), (Numbers{2, 3, 4, 5, 6}));
}

TEST(MemberIds, CollapseRepeatedOnes) {
  EXPECT_EQ(ids("[2,2,\"2\",3,\"+3\"]"), (Numbers{2, 3}));
  EXPECT_EQ(ids("[" + repeated("5,", 9'999) + "5]"), Numbers{5});
}

TEST(MemberIds, ThatNoUserCanHaveStandForNobody) {
  EXPECT_EQ(ids("[0]"), Numbers{0});
  EXPECT_EQ(ids("[-1,\"-5\",0]"), Numbers{0});
  EXPECT_EQ(ids("[9223372036854775808,1000000000000000000000000000000]"), Numbers{0});
}

TEST(MemberIds, AreNothingElse) {
  for (const char* value : {"null",           "1",
                            "true",           "false",
                            "\"12\"",         "\"ab\"",
                            "\"\"",           "{}",
                            "{\"2\":\"x\"}",  "1.5",
                            "[null]",         "[[1]]",
                            "[\"a\"]",        "[\"\"]",
                            "[{}]",           "[[]]",
                            "[2.9]",          "[2.0]",
                            "[true]",         "[false]",
                            "[1e400]",        "[1e3]",
                            "[\"1e3\"]",      "[\"2.0\"]",
                            "[\"0_2\"]",      R"(["\u0662"])",
                            R"(["2\u0000"])", "[2,null]"})
    EXPECT_EQ(ids_error(value), R"({"error":"member_ids must be an array of integers"})") << value;
}

TEST(MemberIds, AreAtMost1000DifferentOnes) {
  std::string list = "[1";
  for (int i = 2; i <= 1'000; ++i) list += "," + std::to_string(i);
  EXPECT_EQ(ids(list + ",1]").size(), 1'000u);
  EXPECT_EQ(ids_error(list + ",1001]"), R"({"error":"member_ids holds more than 1000 users"})");
}

TEST(MemberIds, NeedABodyThatIsAnObject) {
  for (const char* body : {"null", "[]", "[1,2]", "\"x\"", "123", "false"})
    EXPECT_EQ(member_ids(read(body)).error().body, R"({"error":"the body must be a JSON object"})");
}

// ---- history

TEST(HistoryQueries, ClampTheLimit) {
  const auto limit = [](std::string_view query) { return history_query(query).value().limit; };
  EXPECT_EQ(limit(""), 50u);
  EXPECT_EQ(limit("LIMIT=2&offset=5"), 50u);
  EXPECT_EQ(limit("limit=2"), 2u);
  EXPECT_EQ(limit("limit=0"), 1u);
  EXPECT_EQ(limit("limit=-1"), 1u);
  EXPECT_EQ(limit("limit=200"), 200u);
  EXPECT_EQ(limit("limit=201"), 200u);
  EXPECT_EQ(limit("limit=99999999999999999999999"), 200u);
  EXPECT_EQ(limit("limit=%202%20"), 2u);
  EXPECT_EQ(limit("limit=%2B2"), 2u);
  EXPECT_EQ(limit("limit=3&limit=2"), 2u);
}

TEST(HistoryQueries, RefuseALimitThatIsNoInteger) {
  for (const char* value :
       {"abc", "", "1.5", "1e2", "1_0", "%D9%A2", "0x10", "null", "%00", "%FF"}) {
    const auto result = history_query("limit="s + value);
    ASSERT_FALSE(result) << value;
    EXPECT_EQ(result.error().status, 400u);
    EXPECT_EQ(result.error().body, R"({"error":"limit must be an integer"})");
  }
  EXPECT_FALSE(history_query("limit"));
}

TEST(HistoryQueries, MayAskBeforeAndAfterASeq) {
  EXPECT_FALSE(history_query("limit=2")->before);
  EXPECT_FALSE(history_query("limit=2")->after);
  const auto query = history_query("before=20&after=%2B10");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->before, Seq{20});
  EXPECT_EQ(query->after, Seq{10});
  EXPECT_EQ(history_query("before=x").error().body, R"({"error":"before must be an integer"})");
  EXPECT_EQ(history_query("after=").error().body, R"({"error":"after must be an integer"})");
  EXPECT_EQ(history_query(std::string(1'000, '&')).error().status, 400u);
}

// ---- responses

TEST(HttpBodies, AreSpelledAsTheContractSpellsThem) {
  EXPECT_EQ(signed_up(UserId{1}, "a@b.cd"), R"({"id":1,"email":"a@b.cd"})");
  EXPECT_EQ(signed_up(UserId{1}, "a@ex\xC3\xA4mple.com"),
            "{\"id\":1,\"email\":\"a@ex\xC3\xA4mple.com\"}");
  const auth::TokenPair pair{.access = "A.B.C", .refresh = "D.E.F"};
  EXPECT_EQ(logged_in({.user = UserId{1}, .email = "a@b.cd", .tokens = pair}),
            R"({"access":"A.B.C","refresh":"D.E.F","user":{"id":1,"email":"a@b.cd"}})");
  EXPECT_EQ(tokens(pair), R"({"refresh":"D.E.F","access":"A.B.C"})");
  EXPECT_EQ(refreshed("A.B.C"), R"({"access":"A.B.C"})");
  EXPECT_EQ(conversation_created(ConversationId{7}), R"({"conversation_id":7})");
  EXPECT_EQ(detail("say \"no\"\n"), R"({"detail":"say \"no\"\n"})");
}

TEST(HttpBodies, ListConversations) {
  EXPECT_EQ(conversation_list({}), R"({"conversations":[]})");
  const std::vector<ConversationId> list{ConversationId{7}, ConversationId{3}};
  EXPECT_EQ(conversation_list(list), R"({"conversations":[{"id":7},{"id":3}]})");
}

TEST(HttpBodies, HoldHistoryAndItsHeadOnlyOnRequest) {
  chat::Event event{.conversation = ConversationId{9},
                    .seq = Seq{1},
                    .author = UserId{2},
                    .kind = chat::EventKind::message,
                    .payload = "h\xC3\xA9\xE2\x80\xA8\"",
                    .client_id = "c",
                    .at = Micros{1'795'333'971'999'999}};
  const auto history = [&](int messages, Seq head, std::optional<std::string_view> epoch) {
    HistoryBody body(2);
    for (int i = 0; i < messages; ++i) body.add(event);
    return std::move(body).finish(head, epoch);
  };
  EXPECT_EQ(history(0, Seq{0}, std::nullopt), R"({"messages":[]})");
  EXPECT_EQ(history(0, Seq{0}, "e1"), R"({"messages":[],"head":0,"epoch":"e1"})");
  const std::string message =
      "{\"id\":1,\"user_id\":2,\"text\":\"h\xC3\xA9\\u2028\\\"\",\"ts\":1795333971}";
  EXPECT_EQ(history(1, Seq{12}, std::nullopt), R"({"messages":[)" + message + "]}");
  EXPECT_EQ(history(2, Seq{12}, "e1"),
            R"({"messages":[)" + message + "," + message + R"(],"head":12,"epoch":"e1"})");
}

TEST(ConfiguredLimits, ReplaceTheDefaults) {
  const auto fields = read(R"({"member_ids":[1,2,3]})");
  EXPECT_EQ(member_ids(fields, 3).value().size(), 3u);
  EXPECT_EQ(member_ids(fields, 2).error().body,
            R"({"error":"member_ids holds more than 2 users"})");
  EXPECT_EQ(history_query("limit=500", 300).value().limit, 300u);
  EXPECT_EQ(history_query("", 10).value().limit, 10u);
}

}  // namespace
}  // namespace banter::wire
