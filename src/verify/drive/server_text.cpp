#include "verify/drive/server_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>
#include <vector>

namespace banter::verify {

namespace json = boost::json;

struct ServerText::Memory {
  json::value value;
  std::vector<Message> messages;
};

ServerText::ServerText() : memory_(std::make_unique<Memory>()) {}
ServerText::~ServerText() = default;
ServerText::ServerText(ServerText&&) noexcept = default;
ServerText& ServerText::operator=(ServerText&&) noexcept = default;

namespace {

constexpr std::size_t quoted_bytes_max = 200;

// The accessors of Boost.JSON throw where a member is missing or of another kind.
std::string_view text_of(const json::object& object, std::string_view name) {
  const auto& text = object.at({name.data(), name.size()}).as_string();
  return {text.data(), text.size()};
}

std::string_view text_or_none(const json::object& object, std::string_view name) {
  return object.contains({name.data(), name.size()}) ? text_of(object, name) : std::string_view();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  return object.at({name.data(), name.size()}).as_int64();
}

bool truth_of(const json::object& object, std::string_view name) {
  return object.at({name.data(), name.size()}).as_bool();
}

Message message_of(const json::object& object) {
  return {.seq = Seq{number_of(object, "id")},
          .user = UserId{number_of(object, "user_id")},
          .ts = number_of(object, "ts"),
          .body = Body::of(text_of(object, "text"))};
}

std::optional<Extent> extent_of(const json::object& object) {
  if (!object.contains("epoch")) return std::nullopt;
  return Extent{.from = Seq{number_of(object, "from")},
                .to = Seq{number_of(object, "to")},
                .head = Seq{number_of(object, "head")},
                .more = truth_of(object, "more"),
                .epoch = text_of(object, "epoch"),
                .reset = truth_of(object, "reset")};
}

void read_messages(std::vector<Message>& into, const json::object& object) {
  into.clear();
  for (const auto& message : object.at("messages").as_array()) {
    into.push_back(message_of(message.as_object()));
  }
}

SeenFrame frame_of(SocketId socket, const json::object& object, std::vector<Message>& messages) {
  const auto type = text_of(object, "type");
  if (type == "message") {
    return {.record = LiveMessage{.socket = socket,
                                  .message = message_of(object.at("message").as_object())}};
  }
  if (type == "history") {
    read_messages(messages, object);
    return {.record =
                HistoryFrame{.socket = socket, .messages = messages, .extent = extent_of(object)}};
  }
  if (type == "ack") {
    return {.record = Ack{.socket = socket,
                          .client_id = text_of(object, "client_id"),
                          .seq = Seq{number_of(object, "id")},
                          .ts = number_of(object, "ts"),
                          .epoch = text_of(object, "epoch")}};
  }
  const auto code = type == "rate_limited" ? type : text_of(object, "code");
  const auto wait = object.contains("retry_after") ? number_of(object, "retry_after") : 0;
  return {.record =
              ErrorFrame{
                  .socket = socket, .code = code, .client_id = text_or_none(object, "client_id")},
          .retry_after = std::chrono::seconds{wait}};
}

template <class Read>
auto read_json(json::value& value, std::string_view text, Read read)
    -> std::expected<decltype(read(std::declval<const json::object&>())), std::string> {
  try {
    value = json::parse({text.data(), text.size()});
    return read(value.as_object());
  } catch (const std::exception& problem) {
    return std::unexpected(std::string(problem.what()) + " in " +
                           std::string(text.substr(0, quoted_bytes_max)));
  }
}

}  // namespace

std::expected<SeenFrame, std::string> ServerText::frame(SocketId socket, std::string_view text) {
  return read_json(memory_->value, text, [&](const json::object& object) {
    return frame_of(socket, object, memory_->messages);
  });
}

std::expected<ReadEnded, std::string> ServerText::history(CallId call, std::string_view text) {
  return read_json(memory_->value, text, [&](const json::object& object) {
    read_messages(memory_->messages, object);
    ReadEnded ended{.call = call, .status = 200, .messages = memory_->messages};
    if (object.contains("head")) ended.head = Seq{number_of(object, "head")};
    ended.epoch = text_or_none(object, "epoch");
    return ended;
  });
}

}  // namespace banter::verify
