#include "http/bearer.hpp"

namespace banter::http {
namespace {

constexpr std::string_view blanks = " \t";  // no other white space passes the head check

// Takes the next part off the front of the text; empty when nothing is left.
std::string_view next_part(std::string_view& text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const auto part = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(part.size());
  return part;
}

}  // namespace

std::expected<std::optional<std::string_view>, wire::HttpError> bearer_token(
    std::optional<std::string_view> header) {
  std::string_view rest = header.value_or(std::string_view());
  if (next_part(rest) != "Bearer") return std::nullopt;
  const auto token = next_part(rest);
  if (token.empty() || !next_part(rest).empty()) {
    return std::unexpected(wire::HttpError::bad_authorization_header);
  }
  return token;
}

}  // namespace banter::http
