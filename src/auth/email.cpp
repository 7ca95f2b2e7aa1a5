#include "auth/email.hpp"

#include <arpa/inet.h>
#include <unicode/idna.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>

namespace banter::auth {
namespace {

constexpr std::size_t email_points_max = 320;  // RFC 3696 section 3, as Django has it
constexpr std::size_t label_bytes_max = 63;    // RFC 1034 section 3.1

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Calls each(part) for the parts between separators; false as soon as one is refused.
template <class Each>
bool all_parts(std::string_view text, char separator, Each each) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (!each(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

// atom *( "." atom )
bool is_local_part(std::string_view text) {
  return all_parts(text, '.', [](std::string_view atom) {
    return !atom.empty() && std::ranges::all_of(atom, [](char c) {
      return is_letter_or_digit(c) || std::string_view("-!#$%&'*+/=?^_`{}|~").contains(c);
    });
  });
}

// Letters, digits and inner hyphens; the last label has at least two characters, and Django lets it
// begin with a hyphen.
bool is_label(std::string_view label, bool last) {
  if (label.size() < (last ? 2 : 1) || label.size() > label_bytes_max) return false;
  if (label.ends_with('-') || (label.starts_with('-') && !last)) return false;
  return std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain_name(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || !is_label(text.substr(dot + 1), true)) return false;
  return all_parts(text.substr(0, dot), '.',
                   [](std::string_view label) { return is_label(label, false); });
}

// "[" IPv4 or IPv6 address "]"
bool is_address_literal(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return false;
  const std::string address(text.substr(1, text.size() - 2));
  const bool plain = std::ranges::all_of(address, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
  });
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return plain && (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
                   inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1);
}

// The domain with its labels in punycode; nullopt if they are no names in any script.
std::optional<std::string> idna(std::string_view domain) {
  // Transitional, because CPython's codec is IDNA 2003.
  static const auto codec = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<const icu::IDNA>(
        icu::IDNA::createUTS46Instance(UIDNA_CHECK_BIDI, status));
  }();
  if (!codec) return std::nullopt;
  // Of these the pattern of is_domain_name is the judge, or CPython does not mind.
  constexpr auto tolerated = static_cast<unsigned>(UIDNA_ERROR_LEADING_HYPHEN) |
                             static_cast<unsigned>(UIDNA_ERROR_TRAILING_HYPHEN) |
                             static_cast<unsigned>(UIDNA_ERROR_HYPHEN_3_4) |
                             static_cast<unsigned>(UIDNA_ERROR_DOMAIN_NAME_TOO_LONG);
  UErrorCode status = U_ZERO_ERROR;
  icu::IDNAInfo info;
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  codec->nameToASCII_UTF8({domain.data(), static_cast<std::int32_t>(domain.size())}, sink, info,
                          status);
  if (U_FAILURE(status) != 0 || (info.getErrors() & ~tolerated) != 0) return std::nullopt;
  return ascii;
}

bool is_domain(std::string_view text) {
  if (text == "localhost" || is_domain_name(text) || is_address_literal(text)) return true;
  if (is_ascii(text)) return false;
  const auto ascii = idna(text);
  return ascii && is_domain_name(*ascii);
}

}  // namespace

bool is_email(std::string_view utf8) {
  const std::size_t at = utf8.rfind('@');
  return at != std::string_view::npos && code_points(utf8) <= email_points_max &&
         is_local_part(utf8.substr(0, at)) && is_domain(utf8.substr(at + 1));
}

std::string lower_case(std::string_view utf8) {
  std::string lower;
  if (is_ascii(utf8)) {
    lower = utf8;
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
  }
  icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())})
      .toLower(icu::Locale::getRoot())
      .toUTF8String(lower);
  return lower;
}

}  // namespace banter::auth
