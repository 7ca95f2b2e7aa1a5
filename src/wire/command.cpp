#include "wire/command.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/json_scan.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

using chat::ErrorCode;

constexpr std::size_t depth_max = 32;  // the frames of clients nest once or twice

constexpr std::string_view not_json =
    R"(The frame is not JSON. Send an object, for example {"text": "hello"}.)";
constexpr std::string_view not_an_object = R"(Send a JSON object, for example {"text": "hello"}.)";
constexpr std::string_view client_id_rule =
    "client_id must be a string of 1 to 64 printable ASCII characters.";
constexpr std::string_view text_rule = "text must be a string.";
constexpr std::string_view surrogate_rule =
    "text has half of a surrogate pair (\\ud800 to \\udfff) in it. Send whole characters.";
constexpr std::string_view empty_rule =
    "text is empty or nothing but white space, so there is nothing to store. Do not send it again.";

bool is_client_id(std::string_view id) {
  // Counting, unlike a search that stops, is done many bytes at a time.
  const auto printable = std::ranges::count_if(id, [](char c) { return c >= ' ' && c <= '~'; });
  return !id.empty() && id.size() <= chat::client_id_bytes_max &&
         std::cmp_equal(printable, id.size());
}

std::string decoded(const JsonValue& string) {
  return string.escaped ? unescape(string) : std::string{string.raw};
}

std::string trimmed(const JsonValue& string) {
  if (!string.escaped) return std::string{strip(string.raw)};
  std::string text = unescape(string);
  const std::string_view kept = strip(text);
  if (kept.size() != text.size()) text = std::string{kept};
  return text;
}

std::unexpected<CommandError> refuse(ErrorCode code, std::string_view detail,
                                     std::string client_id = {}) {
  return std::unexpected{
      CommandError{.code = code, .detail = std::string{detail}, .client_id = std::move(client_id)}};
}

}  // namespace

std::expected<Command, CommandError> parse_command(std::string_view utf8_json,
                                                   std::size_t text_bytes_max) {
  std::array members = {JsonMember{"text"}, JsonMember{"client_id"}};
  const auto top = scan_json(utf8_json, depth_max, members);
  if (!top) return refuse(ErrorCode::bad_json, not_json);
  if (top->kind != JsonKind::object) {
    if (!is_truthy(*top)) return Command{};
    return refuse(ErrorCode::bad_message, not_an_object);
  }

  const auto& [text, id] = members;
  Command command{.kind = Command::post};
  if (id.value.kind != JsonKind::absent) {
    if (id.value.kind == JsonKind::string) command.client_id = decoded(id.value);
    if (!is_client_id(command.client_id)) return refuse(ErrorCode::bad_message, client_id_rule);
  }
  if (text.value.kind != JsonKind::absent) {
    if (text.value.kind != JsonKind::string)
      return refuse(ErrorCode::bad_message, text_rule, std::move(command.client_id));
    if (text.value.lone_surrogate)
      return refuse(ErrorCode::bad_message, surrogate_rule, std::move(command.client_id));
    command.text = trimmed(text.value);
  }
  if (command.text.empty()) {
    if (command.client_id.empty()) return Command{};
    return refuse(ErrorCode::empty_text, empty_rule, std::move(command.client_id));
  }
  if (command.text.size() > text_bytes_max)
    return refuse(ErrorCode::too_large,
                  "text is " + std::to_string(command.text.size()) + " bytes of UTF-8, of " +
                      std::to_string(text_bytes_max) + " that are taken. Send it in parts.",
                  std::move(command.client_id));
  return command;
}

}  // namespace banter::wire
