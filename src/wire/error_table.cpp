#include "wire/error_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "wire/charset.hpp"
#include "wire/http_json.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

using auth::IdentityError;
using auth::TokenError;
using chat::ErrorCode;

Answer plain(unsigned status, std::string_view text) {
  return {.status = status, .body = detail(text), .challenge = status == 401, .retry_after = {}};
}

// The conversation endpoints of the replaced system say "error" where others say "detail".
Answer bad_value(std::string_view text) {
  std::string body = R"({"error":")";
  append_json_utf8(body, text);
  return {.status = 400, .body = body + R"("})", .challenge = false, .retry_after = {}};
}

Answer coded(std::string_view text, std::string_view code) {
  return {.status = 401,
          .body = fmt::format(R"({{"detail":"{}","code":"{}"}})", text, code),
          .challenge = true,
          .retry_after = {}};
}

Answer later(unsigned status, std::string_view text, std::chrono::seconds wait) {
  Answer answer = plain(status, text);
  answer.retry_after = std::max(wait, std::chrono::seconds{1});
  return answer;
}

Answer throttled(std::chrono::seconds wait) {
  const auto seconds = std::max(wait, std::chrono::seconds{1}).count();
  return later(429,
               fmt::format("Request was throttled. Expected available in {} second{}.", seconds,
                           seconds == 1 ? "" : "s"),
               wait);
}

Answer token_answer(TokenError error) {
  switch (error) {
    case TokenError::invalid_or_expired:
    case TokenError::wrong_type:
    case TokenError::no_type:
    case TokenError::no_id:
    case TokenError::no_expiry:
      return {.status = 401,
              .body = fmt::format(R"({{"detail":"Given token not valid for any token type",)"
                                  R"("code":"token_not_valid","messages":[{{)"
                                  R"("token_class":"AccessToken","token_type":"access",)"
                                  R"("message":"{}"}}]}})",
                                  token_message(error)),
              .challenge = true,
              .retry_after = {}};
    case TokenError::no_user:
    case TokenError::unrecognised_user:
      return coded(token_message(error), "token_not_valid");
  }
  ASSERT(false, "every token error has a row above");
}

}  // namespace

std::string_view token_message(TokenError error) {
  switch (error) {
    case TokenError::invalid_or_expired:
      return "Token is invalid or expired";
    case TokenError::wrong_type:
      return "Token has wrong type";
    case TokenError::no_type:
      return "Token has no type";
    case TokenError::no_id:
      return "Token has no id";
    case TokenError::no_expiry:
      return "Token has no 'exp' claim";
    case TokenError::no_user:
    case TokenError::unrecognised_user:
      return "Token contained no recognizable user identification";
  }
  ASSERT(false, "every token error has a row above");
}

Answer answer(HttpError error, std::string_view subject, std::chrono::seconds wait) {
  switch (error) {
    case HttpError::bad_request:
      return plain(400, "Bad request.");
    case HttpError::too_many_fields:
      return plain(400, "Too many fields.");
    case HttpError::bad_limit:
      return bad_value("limit must be an integer");
    case HttpError::bad_before:
      return bad_value("before must be an integer");
    case HttpError::bad_after:
      return bad_value("after must be an integer");
    case HttpError::bad_since:
      return bad_value("since must be an integer or latest");
    case HttpError::bad_member_ids:
      return bad_value("member_ids must be an array of integers");
    case HttpError::body_not_object:
      return bad_value("the body must be a JSON object");
    case HttpError::unknown_member:
      return bad_value("member_ids names a user that does not exist");
    case HttpError::too_many_members:
      return bad_value(fmt::format("member_ids holds more than {} users", latin1_to_utf8(subject)));
    case HttpError::invalid_credentials:
      return plain(400, "Invalid credentials.");
    case HttpError::no_active_account:
      return plain(401, "No active account found with the given credentials");
    case HttpError::no_credentials:
      return plain(401, "Authentication credentials were not provided.");
    case HttpError::bad_authorization_header:
      return coded("Authorization header must contain two space-delimited values",
                   "bad_authorization_header");
    case HttpError::origin_refused:
      return plain(403, "Origin not allowed.");
    case HttpError::not_found:
      return plain(404, "Not found.");
    case HttpError::method_not_allowed:
      return plain(405, fmt::format("Method \"{}\" not allowed.", latin1_to_utf8(subject)));
    case HttpError::request_timeout:
      return plain(408, "The request took too long.");
    case HttpError::body_too_large:
      return plain(413, "Request body too large.");
    case HttpError::unsupported_media_type:
      return plain(
          415, fmt::format("Unsupported media type \"{}\" in request.", latin1_to_utf8(subject)));
    case HttpError::throttled:
      return throttled(wait);
    case HttpError::head_too_large:
      return plain(431, "Request header fields too large.");
    case HttpError::internal:
      return plain(500, "Internal server error.");
    case HttpError::unavailable:
      return later(503, "Service temporarily unavailable, try again later.", wait);
  }
  ASSERT(false, "every HTTP error has a row above");
}

Answer answer(const auth::IdentityFailure& failure) {
  switch (failure.error) {
    case IdentityError::token:
      return token_answer(failure.token_error);
    case IdentityError::user_not_found:
      return coded("User not found", "user_not_found");
    case IdentityError::user_inactive:
      return coded("User is inactive", "user_inactive");
  }
  ASSERT(false, "every identity error has a row above");
}

Answer refresh_answer(const auth::IdentityFailure& failure) {
  if (failure.error == IdentityError::token)
    return coded(token_message(failure.token_error), "token_not_valid");
  return answer(failure);
}

Answer answer(auth::CreateError error) {
  switch (error) {
    case auth::CreateError::email_taken:
      return {.status = 400,
              .body = R"({"errors":{"email":["Email already registered."]}})",
              .challenge = false,
              .retry_after = {}};
  }
  ASSERT(false, "every create error has a row above");
}

FrameError frame_error(ErrorCode error) {
  switch (error) {
    case ErrorCode::bad_json:
      return {.code = "bad_json", .detail = "The frame is not valid JSON.", .retryable = false};
    case ErrorCode::bad_message:
      return {.code = "bad_message",
              .detail = "A message is an object whose text is a string.",
              .retryable = false};
    case ErrorCode::empty_text:
      return {.code = "empty_text", .detail = "The text is blank.", .retryable = false};
    case ErrorCode::too_large:
      return {.code = "too_large", .detail = "The text is too long.", .retryable = false};
    case ErrorCode::conflict:
      return {.code = "conflict",
              .detail = "This client_id was used before with another text.",
              .retryable = false};
    case ErrorCode::forbidden:
      return {.code = "forbidden",
              .detail = "You are not a member of this conversation.",
              .retryable = false};
    case ErrorCode::overloaded:
      return {.code = "overloaded",
              .detail = "Too much is being sent right now. Nothing was stored.",
              .retryable = true};
    case ErrorCode::unavailable:
      return {.code = "unavailable",
              .detail = "Messages cannot be stored right now. Send again with the same client_id.",
              .retryable = true};
  }
  ASSERT(false, "every chat error has a row above");
}

CloseCode close_code(const auth::IdentityFailure& failure) {
  switch (failure.error) {
    case IdentityError::token:
      return CloseCode::bad_token;
    case IdentityError::user_not_found:
    case IdentityError::user_inactive:
      return CloseCode::no_user;
  }
  ASSERT(false, "every identity error has a row above");
}

std::optional<CloseCode> close_code(ErrorCode error) {
  switch (error) {
    case ErrorCode::forbidden:
      return CloseCode::removed;
    case ErrorCode::bad_json:
    case ErrorCode::bad_message:
    case ErrorCode::empty_text:
    case ErrorCode::too_large:
    case ErrorCode::conflict:
    case ErrorCode::overloaded:
    case ErrorCode::unavailable:
      return std::nullopt;
  }
  ASSERT(false, "every chat error has a row above");
}

}  // namespace banter::wire
