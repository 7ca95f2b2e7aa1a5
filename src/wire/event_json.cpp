#include "wire/event_json.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "wire/frame.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

constexpr std::size_t decimal_bytes_max = 20;  // of any 64-bit number, sign included

class Decimal {
 public:
  explicit Decimal(std::int64_t value)
      : size_(static_cast<std::size_t>(
            std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr -
            digits_.data())) {}
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view text() const { return {digits_.data(), size_}; }
  // Copies a constant count of bytes, which is one instruction or two; so the buffer must have room
  // for decimal_bytes_max wherever this is called.
  [[nodiscard]] char* put(char* out) const {
    std::memcpy(out, digits_.data(), decimal_bytes_max);
    return out + size_;
  }

 private:
  std::array<char, decimal_bytes_max> digits_{};
  std::size_t size_;
};

template <std::size_t size>
char* put(char* out, const char (&literal)[size]) {
  std::memcpy(out, literal, size - 1);
  return out + (size - 1);
}

// One message object: measured first, so that the frame around it can be written in one pass.
class Message {
 public:
  explicit Message(const chat::Event& event)
      : id_(event.seq.value),
        user_id_(event.author.value),
        ts_(event.at.unix_seconds()),
        text_(event.payload),
        text_size_(json_ascii_size(event.payload)) {}

  [[nodiscard]] std::size_t size() const {
    return fixed_bytes + id_.size() + user_id_.size() + text_size_ + ts_.size();
  }

  // Needs decimal_bytes_max bytes of room beyond size().
  [[nodiscard]] char* put_at(char* out) const {
    out = id_.put(put(out, R"({"id": )"));
    out = user_id_.put(put(out, R"(, "user_id": )"));
    out = put(out, R"(, "text": ")");
    if (text_size_ == text_.size()) {  // valid text keeps its size only if nothing is escaped
      std::memcpy(out, text_.data(), text_size_);
      out += text_size_;
    } else {
      out = put_json_ascii(out, text_);
    }
    out = ts_.put(put(out, R"(", "ts": )"));
    return put(out, "}");
  }

 private:
  static constexpr std::size_t fixed_bytes =
      std::string_view{R"({"id": , "user_id": , "text": "", "ts": })"}.size();

  Decimal id_;
  Decimal user_id_;
  Decimal ts_;
  std::string_view text_;
  std::size_t text_size_;
};

constexpr std::string_view live_begins = R"({"type": "message", "message": )";

// Appends `size` bytes that `write` puts, with the slack that Decimal::put wants behind them.
template <class Write>
void append_measured(std::string& out, std::size_t size, Write write) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + size + decimal_bytes_max, [&](char* data, std::size_t) {
    write(data + before);
    return before + size;
  });
}

char* put_live(char* out, const Message& message) {
  std::memcpy(out, live_begins.data(), live_begins.size());
  return put(message.put_at(out + live_begins.size()), "}");
}

std::size_t live_size(const Message& message) { return live_begins.size() + message.size() + 1; }

void append_number(std::string& out, std::int64_t value) { out += Decimal{value}.text(); }

void append_string(std::string& out, std::string_view value) {
  out += '"';
  append_json_ascii(out, value);
  out += '"';
}

std::string_view word(bool value) { return value ? "true" : "false"; }

void append_extent(std::string& out, const HistoryExtent& extent) {
  out += R"(, "from": )";
  append_number(out, extent.from.value);
  out += R"(, "to": )";
  append_number(out, extent.to.value);
  out += R"(, "head": )";
  append_number(out, extent.head.value);
  out += R"(, "more": )";
  out += word(extent.more);
  out += R"(, "epoch": )";
  append_string(out, extent.epoch);
  out += R"(, "reset": )";
  out += word(extent.reset);
}

void append_client_id(std::string& out, std::string_view client_id) {
  if (client_id.empty()) return;
  out += R"(, "client_id": )";
  append_string(out, client_id);
}

}  // namespace

void append_message(std::string& out, const chat::Event& event) {
  const Message message{event};
  append_measured(out, message.size(), [&](char* at) { (void)message.put_at(at); });
}

std::size_t message_size(const chat::Event& event) { return Message{event}.size(); }

void append_live(std::string& out, const chat::Event& event) {
  const Message message{event};
  append_measured(out, live_size(message), [&](char* at) { (void)put_live(at, message); });
}

void append_history(std::string& out, std::span<const chat::Event> events,
                    const std::optional<HistoryExtent>& extent) {
  out += R"({"type": "history", "messages": [)";
  bool first = true;
  for (const auto& event : events) {
    if (!chat::is_message(event)) continue;
    if (!first) out += ", ";
    first = false;
    append_message(out, event);
  }
  out += ']';
  if (extent) append_extent(out, *extent);
  out += '}';
}

void append_ack(std::string& out, std::string_view client_id, Seq id, Micros at,
                std::string_view epoch) {
  out += R"({"type": "ack", "client_id": )";
  append_string(out, client_id);
  out += R"(, "id": )";
  append_number(out, id.value);
  out += R"(, "ts": )";
  append_number(out, at.unix_seconds());
  out += R"(, "epoch": )";
  append_string(out, epoch);
  out += '}';
}

void append_rate_limited(std::string& out, std::chrono::seconds retry_after,
                         std::string_view client_id) {
  const Decimal seconds{retry_after.count()};
  out += R"({"type": "rate_limited", "retry_after": )";
  out += seconds.text();
  out += R"(, "message": "Too many messages. Try again in )";
  out += seconds.text();
  out += R"(s.")";
  append_client_id(out, client_id);
  out += '}';
}

void append_error(std::string& out, std::string_view code, std::string_view detail,
                  std::string_view client_id, std::optional<std::chrono::seconds> retry_after) {
  out += R"({"type": "error", "code": )";
  append_string(out, code);
  out += R"(, "detail": )";
  append_string(out, detail);
  append_client_id(out, client_id);
  if (retry_after) {
    out += R"(, "retry_after": )";
    append_number(out, retry_after->count());
  }
  out += '}';
}

std::string encode_live_frame(const chat::Event& event) {
  const Message message{event};
  const std::size_t text_bytes = live_size(message);
  std::string out;
  append_measured(out, frame_header_size(text_bytes) + text_bytes, [&](char* at) {
    (void)put_live(put_frame_header(at, FrameKind::text, text_bytes), message);
  });
  return out;
}

void append_message_compact(std::string& out, const chat::Event& event) {
  const Decimal id{event.seq.value};
  const Decimal user_id{event.author.value};
  const Decimal ts{event.at.unix_seconds()};
  const std::string_view text = event.payload;
  if (json_utf8_is_plain(text)) {
    constexpr std::size_t fixed = std::string_view{R"({"id":,"user_id":,"text":"","ts":})"}.size();
    const std::size_t size = fixed + id.size() + user_id.size() + text.size() + ts.size();
    append_measured(out, size, [&](char* at) {
      at = id.put(put(at, R"({"id":)"));
      at = user_id.put(put(at, R"(,"user_id":)"));
      at = put(at, R"(,"text":")");
      std::memcpy(at, text.data(), text.size());
      at = ts.put(put(at + text.size(), R"(","ts":)"));
      (void)put(at, "}");
    });
    return;
  }
  out.append(R"({"id":)").append(id.text());
  out.append(R"(,"user_id":)").append(user_id.text());
  out += R"(,"text":")";
  append_json_utf8(out, text);
  out.append(R"(","ts":)").append(ts.text());
  out += '}';
}

}  // namespace banter::wire
