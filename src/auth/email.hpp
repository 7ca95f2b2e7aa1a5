// E-mail addresses as Django's EmailValidator takes them. Pure functions over UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace banter::auth {

// local "@" domain, at most 320 code points. local: dot-separated ASCII atoms (a quoted local part
// is refused). domain: "localhost", an IP address in brackets, or labels of at most 63 letters,
// digits and inner hyphens with a last one of at least two; a domain in other scripts counts as its
// IDNA form. Not trimmed and not lower-cased here.
[[nodiscard]] bool is_email(std::string_view utf8);

// Python's str.lower(): the full Unicode mapping, independent of any locale.
[[nodiscard]] std::string lower_case(std::string_view utf8);

}  // namespace banter::auth
