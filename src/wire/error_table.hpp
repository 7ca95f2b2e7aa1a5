// The one table from errors to what clients see: HTTP status and JSON body, the word and sentence
// of an error frame, whether trying again helps, the close code of a socket. Pure. Each function
// switches over a whole enumeration without a default, so an error without a row does not compile.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/accounts.hpp"
#include "chat/error.hpp"
#include "wire/close_codes.hpp"

namespace banter::wire {

// A refused request.
struct Answer {
  unsigned status = 400;
  std::string body;        // JSON; no body goes with HEAD
  bool challenge = false;  // with the header WWW-Authenticate: Bearer realm="api"
  std::optional<std::chrono::seconds> retry_after;  // of the header Retry-After
};
inline constexpr std::string_view challenge_value = R"(Bearer realm="api")";

// What can go wrong with a request before or beside the use-case it names.
enum class HttpError : std::uint8_t {
  bad_request,               // 400 the head, the target or the framing of the body
  too_many_fields,           // 400 over form_fields_max in a form or a query
  bad_limit,                 // 400 ?limit=
  bad_before,                // 400 ?before=
  bad_after,                 // 400 ?after=
  bad_since,                 // 400 ?since= of a socket
  bad_member_ids,            // 400 no array, or an element is no integer
  body_not_object,           // 400 where a body has no field errors
  unknown_member,            // 400 a member id is no user
  too_many_members,          // 400 subject: how many there may be
  invalid_credentials,       // 400 at login (401 is what the token endpoint says)
  no_active_account,         // 401 at the token endpoint
  no_credentials,            // 401 no Authorization header, or another scheme
  bad_authorization_header,  // 401 "Bearer" without or with more than one token
  origin_refused,            // 403 a socket from a page of a foreign origin
  not_found,                 // 404 no such path, conversation, or not a member
  method_not_allowed,        // 405 subject: the method
  request_timeout,           // 408 head or body took too long
  body_too_large,            // 413
  unsupported_media_type,    // 415 subject: the Content-Type header
  throttled,                 // 429 wait
  head_too_large,            // 431
  internal,                  // 500 a bug of ours
  unavailable,               // 503 wait: the store or the hashing pool cannot take it now
};

// subject and wait: where the row above names them.
[[nodiscard]] Answer answer(HttpError error, std::string_view subject = {},
                            std::chrono::seconds wait = std::chrono::seconds{1});
// Of a protected endpoint, where an access token is asked for.
[[nodiscard]] Answer answer(const auth::IdentityFailure& failure);
// Of the refresh endpoint, which words the same failures in another way.
[[nodiscard]] Answer refresh_answer(const auth::IdentityFailure& failure);
[[nodiscard]] Answer answer(auth::CreateError error);

// An error frame on the socket.
struct FrameError {
  std::string_view code;
  std::string_view detail;
  bool retryable = false;  // the frame tells retry_after
};
[[nodiscard]] FrameError frame_error(chat::ErrorCode error);

// The code that ends a socket whose token or user is no longer good.
[[nodiscard]] CloseCode close_code(const auth::IdentityFailure& failure);
// The code that ends a socket when this error leaves it nothing to do; nullopt: it stays open.
[[nodiscard]] std::optional<CloseCode> close_code(chat::ErrorCode error);

// SimpleJWT's sentence for a token error.
[[nodiscard]] std::string_view token_message(auth::TokenError error);

}  // namespace banter::wire
