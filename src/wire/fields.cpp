#include "wire/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ranges>

#include "wire/charset.hpp"
#include "wire/forms.hpp"
#include "wire/http_json.hpp"
#include "wire/json_reader.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// media-type = type "/" subtype *( ";" name "=" value )
struct MediaType {
  std::string name;  // type/subtype, lower-cased
  std::string charset;
};

MediaType media_type(std::string_view content_type) {
  MediaType type;
  for (bool first = true; const auto part : std::views::split(content_type, ';')) {
    const std::string_view text = strip(std::string_view(part));
    if (first) type.name = ascii_lower(text);
    first = false;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || ascii_lower(strip(text.substr(0, equals))) != "charset")
      continue;
    std::string_view value = strip(text.substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    type.charset = ascii_lower(value);
  }
  return type;
}

// nullopt: the bytes are not in that charset. Unknown charsets are ignored, as in the replaced
// system; what they leave has to be UTF-8.
std::optional<std::string> as_utf8(std::string_view body, std::string_view charset) {
  if (charset == "latin-1" || charset == "latin1" || charset == "iso-8859-1")
    return latin1_to_utf8(body);
  if (charset == "utf-16") {
    if (body.starts_with("\xFF\xFE")) return utf16_to_utf8(body.substr(2), ByteOrder::little);
    if (body.starts_with("\xFE\xFF")) return utf16_to_utf8(body.substr(2), ByteOrder::big);
    return utf16_to_utf8(body, ByteOrder::little);
  }
  if (charset == "utf-16-le" || charset == "utf-16le")
    return utf16_to_utf8(body, ByteOrder::little);
  if (charset == "utf-16-be" || charset == "utf-16be") return utf16_to_utf8(body, ByteOrder::big);
  return std::string(body);
}

Answer parse_error(std::string_view words) {
  return {.status = 400,
          .body = detail(fmt::format("JSON parse error - {}", words)),
          .challenge = false,
          .retry_after = {}};
}

std::expected<Fields, Answer> from_json(std::string_view body, std::string_view charset) {
  std::string decoded;
  if (!charset.empty() && charset != "utf-8") {
    auto utf8 = as_utf8(body, charset);
    if (!utf8)
      return std::unexpected(
          parse_error(fmt::format("the body is not valid {}", latin1_to_utf8(charset))));
    decoded = *std::move(utf8);
    body = decoded;
  }
  auto fields = read_json(body);
  if (!fields) return std::unexpected(parse_error(fields.error()));
  return *std::move(fields);
}

std::expected<Fields, Answer> from_form(std::string_view body) {
  auto form = Form::parse(body);
  if (!form) return std::unexpected(answer(HttpError::too_many_fields));
  Fields fields;
  for (const auto& [name, value] : form->fields())
    fields.members.emplace_back(name,
                                Field{.kind = FieldKind::text, .text = value, .elements = {}});
  return fields;
}

}  // namespace

const Field& Fields::operator[](std::string_view name) const {
  static const Field missing;
  for (const auto& [member, field] : members | std::views::reverse)
    if (member == name) return field;
  return missing;
}

std::expected<Fields, Answer> read_fields(std::string_view content_type, std::string_view body) {
  if (body.empty()) return Fields{};
  const MediaType type = media_type(content_type);
  if (type.name == "application/json") return from_json(body, type.charset);
  if (type.name == "application/x-www-form-urlencoded") return from_form(body);
  return std::unexpected(answer(HttpError::unsupported_media_type, content_type));
}

std::uint32_t lone_surrogate(std::string_view text) {
  const auto continuation = [text](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])) & 0x3F;
  };
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos && at + 2 < text.size();
       at = text.find('\xED', at + 1))
    if (continuation(at + 1) >= 0x20)
      return 0xD000 | continuation(at + 1) << 6 | continuation(at + 2);
  return 0;
}

}  // namespace banter::wire
