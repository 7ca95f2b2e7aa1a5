// What a closed socket means for the page, by close code. The ranges are the server's promise:
// 4000-4099 do not come back unchanged; everything else may come back and resume.

// Returns "again" (reconnect with back-off), "new_token" (get another token, then reconnect),
// "poison" (what we sent last may have caused it: do not send that again, then reconnect), or
// one of the ends "signed_out", "not_member", "removed", "flooding", "refused".
export function remedyFor(code) {
  switch (code) {
    case 4001:
    case 4002:
    case 4010:
      return 'new_token';
    case 4003:
      return 'signed_out';
    case 4004:
      return 'not_member';
    case 4009:
      return 'flooding';
    case 4011:
      return 'removed';
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return 'poison';
    default:
      return code >= 4000 && code <= 4099 ? 'refused' : 'again';
  }
}
