#include "wire/close_codes.hpp"

#include "base/assert.hpp"

namespace banter::wire {

bool invites_back(CloseCode code) {
  switch (code) {
    case CloseCode::going_away:
    case CloseCode::ping_timeout:
    case CloseCode::restart:
    case CloseCode::try_again:
    case CloseCode::slow:
    case CloseCode::order:
      return true;
    case CloseCode::normal:
    case CloseCode::protocol_error:
    case CloseCode::unsupported_data:
    case CloseCode::invalid_text:
    case CloseCode::policy_violation:
    case CloseCode::too_big:
    case CloseCode::no_token:
    case CloseCode::bad_token:
    case CloseCode::no_user:
    case CloseCode::not_member:
    case CloseCode::flooding:
    case CloseCode::token_expired:
    case CloseCode::removed:
      return false;
  }
  ASSERT(false, "every close code has a row above");
}

std::string_view close_reason(CloseCode code) {
  switch (code) {
    case CloseCode::normal:
    case CloseCode::protocol_error:
    case CloseCode::invalid_text:
    case CloseCode::too_big:
    case CloseCode::restart:
      return "";  // as the replaced system sends them
    case CloseCode::ping_timeout:
      return "keepalive ping timeout";
    case CloseCode::going_away:
      return "going away";
    case CloseCode::unsupported_data:
      return "text frames only";
    case CloseCode::policy_violation:
      return "policy violation";
    case CloseCode::try_again:
      return "try again later";
    case CloseCode::no_token:
      return "no token";
    case CloseCode::bad_token:
      return "bad token";
    case CloseCode::no_user:
      return "no such active user";
    case CloseCode::not_member:
      return "not a member";
    case CloseCode::flooding:
      return "too many errors";
    case CloseCode::token_expired:
      return "token expired";
    case CloseCode::removed:
      return "removed from the conversation";
    case CloseCode::slow:
      return "too slow";
    case CloseCode::order:
      return "order check failed";
  }
  ASSERT(false, "every close code has a row above");
}

}  // namespace banter::wire
