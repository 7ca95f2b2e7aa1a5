#include "app/admin_protocol.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace banter::app {
namespace {

namespace json = boost::json;
using Kind = AdminAnswer::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 3> words{
    {{Kind::refused, "refused"}, {Kind::usage, "usage"}, {Kind::unavailable, "unavailable"}}};

std::expected<json::object, std::string> read_object(std::string_view line) {
  if (line.size() > admin_line_bytes_max) return std::unexpected("the line is too long");
  boost::system::error_code error;
  auto value = json::parse(json::string_view(line.data(), line.size()), error, json::storage_ptr(),
                           {.max_depth = 8});
  if (error) return std::unexpected("not JSON: " + error.message());
  auto* object = value.if_object();
  if (object == nullptr) return std::unexpected("not a JSON object");
  return std::move(*object);
}

AdminAnswer failed(Kind kind, std::string error) {
  return {.kind = kind, .error = std::move(error), .result = nullptr};
}

}  // namespace

AdminAnswer AdminAnswer::ok(json::value result) {
  return {.kind = Kind::ok, .error = {}, .result = std::move(result)};
}
AdminAnswer AdminAnswer::refused(std::string error) {
  return failed(Kind::refused, std::move(error));
}
AdminAnswer AdminAnswer::usage(std::string error) { return failed(Kind::usage, std::move(error)); }
AdminAnswer AdminAnswer::unavailable(std::string error) {
  return failed(Kind::unavailable, std::move(error));
}

std::expected<json::object, AdminAnswer> read_question(std::string_view line) {
  auto object = read_object(line);
  if (!object) return std::unexpected(AdminAnswer::usage(std::move(object.error())));
  const auto* command = object->if_contains("command");
  if (command == nullptr || !command->is_string()) {
    return std::unexpected(AdminAnswer::usage("no command"));
  }
  return *std::move(object);
}

std::string answer_line(const AdminAnswer& answer) {
  json::object object{{"ok", answer.kind == Kind::ok}};
  if (answer.kind == Kind::ok) object["result"] = answer.result;
  for (const auto& [kind, word] : words) {
    if (kind != answer.kind) continue;
    object["kind"] = word;
    object["error"] = answer.error;
  }
  auto line = json::serialize(object) + "\n";
  if (line.size() <= admin_line_bytes_max) return line;
  return answer_line(AdminAnswer::unavailable("the answer is too long"));
}

std::string question_line(const json::object& question) { return json::serialize(question) + "\n"; }

std::expected<AdminAnswer, std::string> read_answer(std::string_view line) {
  auto object = read_object(line);
  if (!object) return std::unexpected(std::move(object.error()));
  const auto* ok = object->if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) return std::unexpected("no ok");
  if (ok->get_bool()) {
    auto* result = object->if_contains("result");
    return AdminAnswer::ok(result == nullptr ? json::value() : std::move(*result));
  }
  const auto* kind_word = object->if_contains("kind");
  const auto* text = object->if_contains("error");
  if (kind_word == nullptr || !kind_word->is_string() || text == nullptr || !text->is_string()) {
    return std::unexpected("no error");
  }
  for (const auto& [kind, word] : words) {
    if (kind_word->get_string() == word) return failed(kind, std::string(text->get_string()));
  }
  return std::unexpected("unknown kind of error");
}

std::filesystem::path admin_socket_path(const std::filesystem::path& data) {
  return data / "admin.sock";
}

}  // namespace banter::app
