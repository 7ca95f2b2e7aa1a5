#include "wire/error_table.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <string>

namespace banter::wire {
namespace {

using namespace std::chrono_literals;
using auth::IdentityError;
using auth::IdentityFailure;
using auth::TokenError;

template <class Check>
void for_each_http_error(Check check) {
  for (int i = 0; i <= static_cast<int>(HttpError::unavailable); ++i)
    check(static_cast<HttpError>(i));
}

void expect(const Answer& got, unsigned status, std::string_view body) {
  EXPECT_EQ(got.status, status);
  EXPECT_EQ(got.body, body);
}

TEST(ErrorTable, WordsHttpErrorsAsTheContractDoes) {
  expect(answer(HttpError::bad_limit), 400, R"({"error":"limit must be an integer"})");
  expect(answer(HttpError::bad_member_ids), 400,
         R"({"error":"member_ids must be an array of integers"})");
  expect(answer(HttpError::invalid_credentials), 400, R"({"detail":"Invalid credentials."})");
  expect(answer(HttpError::no_active_account), 401,
         R"({"detail":"No active account found with the given credentials"})");
  expect(answer(HttpError::no_credentials), 401,
         R"({"detail":"Authentication credentials were not provided."})");
  expect(answer(HttpError::bad_authorization_header), 401,
         R"({"detail":"Authorization header must contain two space-delimited values",)"
         R"("code":"bad_authorization_header"})");
  expect(answer(HttpError::not_found), 404, R"({"detail":"Not found."})");
  expect(answer(HttpError::method_not_allowed, "PUT"), 405,
         R"({"detail":"Method \"PUT\" not allowed."})");
  expect(answer(HttpError::unsupported_media_type, "text/plain"), 415,
         R"({"detail":"Unsupported media type \"text/plain\" in request."})");
  expect(answer(HttpError::unsupported_media_type, ""), 415,
         R"({"detail":"Unsupported media type \"\" in request."})");
  expect(answer(HttpError::throttled, {}, 42s), 429,
         R"({"detail":"Request was throttled. Expected available in 42 seconds."})");
  expect(answer(HttpError::throttled, {}, 1s), 429,
         R"({"detail":"Request was throttled. Expected available in 1 second."})");
}

TEST(ErrorTable, ChallengesWhoeverGetsA401AndNobodyElse) {
  for_each_http_error([](HttpError error) {
    const Answer got = answer(error);
    EXPECT_EQ(got.challenge, got.status == 401) << got.body;
  });
  EXPECT_EQ(challenge_value, "Bearer realm=\"api\"");
}

TEST(ErrorTable, SaysWhenToComeBackIfWaitingHelps) {
  for_each_http_error([](HttpError error) {
    const Answer got = answer(error, {}, 7s);
    if (got.status == 429 || got.status == 503)
      EXPECT_EQ(got.retry_after, 7s);
    else
      EXPECT_FALSE(got.retry_after) << got.body;
  });
  EXPECT_EQ(answer(HttpError::throttled, {}, 0s).retry_after, 1s);
  EXPECT_EQ(answer(HttpError::unavailable, {}, -5s).retry_after, 1s);
}

TEST(ErrorTable, AnswersWithAJsonObjectWhateverTheSubject) {
  const std::string subject = "a\"b\\c\x01\xFF\xE9/\xE2\x80\xA8";
  for_each_http_error([&](HttpError error) {
    const Answer got = answer(error, subject);
    EXPECT_GE(got.status, 400u);
    EXPECT_TRUE(boost::json::parse(got.body).is_object()) << got.body;
  });
}

TEST(ErrorTable, NamesWhatIsWrongWithAnAccessToken) {
  const auto body = [](TokenError error) {
    return answer(IdentityFailure{.error = IdentityError::token, .token_error = error}).body;
  };
  const auto not_valid = [](const std::string& message) {
    return R"({"detail":"Given token not valid for any token type","code":"token_not_valid",)"
           R"("messages":[{"token_class":"AccessToken","token_type":"access","message":")" +
           message + R"("}]})";
  };
  EXPECT_EQ(body(TokenError::invalid_or_expired), not_valid("Token is invalid or expired"));
  EXPECT_EQ(body(TokenError::wrong_type), not_valid("Token has wrong type"));
  EXPECT_EQ(body(TokenError::no_type), not_valid("Token has no type"));
  EXPECT_EQ(body(TokenError::no_id), not_valid("Token has no id"));
  EXPECT_EQ(body(TokenError::no_expiry), not_valid("Token has no 'exp' claim"));
  for (const TokenError error : {TokenError::no_user, TokenError::unrecognised_user})
    EXPECT_EQ(body(error), R"({"detail":"Token contained no recognizable user identification",)"
                           R"("code":"token_not_valid"})");
}

TEST(ErrorTable, NamesWhatIsWrongWithTheUser) {
  const auto body = [](IdentityError error) {
    return answer(IdentityFailure{.error = error}).body;
  };
  EXPECT_EQ(body(IdentityError::user_not_found),
            R"({"detail":"User not found","code":"user_not_found"})");
  EXPECT_EQ(body(IdentityError::user_inactive),
            R"({"detail":"User is inactive","code":"user_inactive"})");
}

TEST(ErrorTable, WordsRefreshTokensMoreBriefly) {
  const auto body = [](TokenError error) {
    return refresh_answer(IdentityFailure{.error = IdentityError::token, .token_error = error});
  };
  expect(body(TokenError::invalid_or_expired), 401,
         R"({"detail":"Token is invalid or expired","code":"token_not_valid"})");
  expect(body(TokenError::wrong_type), 401,
         R"({"detail":"Token has wrong type","code":"token_not_valid"})");
  expect(body(TokenError::no_id), 401, R"({"detail":"Token has no id","code":"token_not_valid"})");
  expect(body(TokenError::no_expiry), 401,
         R"({"detail":"Token has no 'exp' claim","code":"token_not_valid"})");
  const Answer inactive = refresh_answer(IdentityFailure{.error = IdentityError::user_inactive});
  expect(inactive, 401, R"({"detail":"User is inactive","code":"user_inactive"})");
  EXPECT_TRUE(inactive.challenge);
}

TEST(ErrorTable, SaysThatAnAddressIsTaken) {
  expect(answer(auth::CreateError::email_taken), 400,
         R"({"errors":{"email":["Email already registered."]}})");
}

TEST(ErrorTable, HasAWordOfItsOwnForEachErrorFrame) {
  std::set<std::string_view> codes;
  for (int i = 0; i <= static_cast<int>(chat::ErrorCode::unavailable); ++i) {
    const FrameError error = frame_error(static_cast<chat::ErrorCode>(i));
    codes.insert(error.code);
    EXPECT_FALSE(error.detail.empty());
    EXPECT_EQ(error.retryable, error.code == "overloaded" || error.code == "unavailable");
  }
  EXPECT_EQ(codes,
            (std::set<std::string_view>{"bad_json", "bad_message", "empty_text", "too_large",
                                        "conflict", "forbidden", "overloaded", "unavailable"}));
}

TEST(ErrorTable, ClosesASocketForWhatCannotMend) {
  const auto code = [](IdentityError error) { return close_code(IdentityFailure{.error = error}); };
  EXPECT_EQ(code(IdentityError::token), CloseCode::bad_token);
  EXPECT_EQ(code(IdentityError::user_not_found), CloseCode::no_user);
  EXPECT_EQ(code(IdentityError::user_inactive), CloseCode::no_user);
  EXPECT_EQ(close_code(chat::ErrorCode::forbidden), CloseCode::removed);
  EXPECT_FALSE(close_code(chat::ErrorCode::bad_json));
  EXPECT_FALSE(close_code(chat::ErrorCode::unavailable));
}

TEST(CloseCodes, InviteBackFrom4100AndAfterAccidentsOnly) {
  for (const auto code : {CloseCode::going_away, CloseCode::ping_timeout, CloseCode::restart,
                          CloseCode::try_again, CloseCode::slow, CloseCode::order})
    EXPECT_TRUE(invites_back(code)) << static_cast<int>(code);
  for (const auto code :
       {CloseCode::normal, CloseCode::protocol_error, CloseCode::unsupported_data,
        CloseCode::invalid_text, CloseCode::policy_violation, CloseCode::too_big,
        CloseCode::no_token, CloseCode::bad_token, CloseCode::no_user, CloseCode::not_member,
        CloseCode::flooding, CloseCode::token_expired, CloseCode::removed})
    EXPECT_FALSE(invites_back(code)) << static_cast<int>(code);
}

TEST(CloseCodes, AreSilentWhereTheReplacedSystemIs) {
  EXPECT_EQ(close_reason(CloseCode::ping_timeout), "keepalive ping timeout");
  EXPECT_EQ(close_reason(CloseCode::too_big), "");
  EXPECT_EQ(close_reason(CloseCode::restart), "");
  EXPECT_EQ(close_reason(CloseCode::token_expired), "token expired");
}

}  // namespace
}  // namespace banter::wire
