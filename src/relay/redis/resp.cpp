#include "relay/redis/resp.hpp"

#include <charconv>
#include <utility>

namespace banter::relay {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t compact_at = 64 * 1024;  // bytes given out in front of the buffer

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void append_length(std::string& out, char type, std::size_t length) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, length);
  static_cast<void>(error);
  out += type;
  out.append(digits, end);
  out += line_end;
}

}  // namespace

std::optional<RespValue> RespParser::next() {
  if (failed_ || begin_ == buffer_.size()) return std::nullopt;
  at_ = begin_;
  RespValue value;
  switch (read(value, 0)) {
    case Step::done:
      begin_ = at_;
      if (begin_ == buffer_.size() || begin_ > compact_at) {
        buffer_.erase(0, begin_);
        begin_ = 0;
      }
      return value;
    case Step::more:
      if (buffer_.size() - begin_ > value_bytes_max) failed_ = true;
      return std::nullopt;
    case Step::bad:
      failed_ = true;
      return std::nullopt;
  }
  std::unreachable();
}

std::optional<std::string_view> RespParser::take_line() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  const auto end = rest.find(line_end);
  if (end == std::string_view::npos) return std::nullopt;
  at_ += end + line_end.size();
  return rest.substr(0, end);
}

RespParser::Step RespParser::read(RespValue& value, int depth) {
  using Kind = RespValue::Kind;
  if (depth > depth_max) return Step::bad;
  const auto line = take_line();
  if (!line) return buffer_.size() - at_ > line_bytes_max ? Step::bad : Step::more;
  if (line->empty()) return Step::bad;
  const auto head = line->substr(1);
  switch (line->front()) {
    case '-':
      value.kind = Kind::error;
      value.text = head;
      return Step::done;
    case '+':
    case ',':
    case '(':
      value.kind = Kind::text;
      value.text = head;
      return Step::done;
    case ':': {
      const auto number = number_in(head);
      if (!number) return Step::bad;
      value.kind = Kind::number;
      value.number = *number;
      return Step::done;
    }
    case '#':
      value.kind = Kind::number;
      value.number = head == "t" ? 1 : 0;
      return head == "t" || head == "f" ? Step::done : Step::bad;
    case '_':
      return head.empty() ? Step::done : Step::bad;
    case '$':
    case '=':
      return read_text(head, Kind::text, value);
    case '!':
      return read_text(head, Kind::error, value);
    case '*':
    case '~':
      value.kind = Kind::list;
      return read_items(head, 1, value, depth);
    case '>':
      value.kind = Kind::push;
      return read_items(head, 1, value, depth);
    case '%':
      value.kind = Kind::list;
      return read_items(head, 2, value, depth);
    case '|': {
      RespValue attributes;  // of the value behind them; nobody asked for any
      const auto step = read_items(head, 2, attributes, depth);
      return step == Step::done ? read(value, depth + 1) : step;
    }
    default:
      return Step::bad;
  }
}

RespParser::Step RespParser::read_text(std::string_view head, RespValue::Kind kind,
                                       RespValue& value) {
  const auto length = number_in(head);
  if (!length || *length < -1) return Step::bad;
  if (*length == -1) return Step::done;  // null, as RESP2 spells it
  const auto size = static_cast<std::size_t>(*length);
  if (size > value_bytes_max) return Step::bad;
  if (buffer_.size() - at_ < size + line_end.size()) return Step::more;
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (rest.substr(size, line_end.size()) != line_end) return Step::bad;
  value.kind = kind;
  value.text = rest.substr(0, size);
  at_ += size + line_end.size();
  return Step::done;
}

RespParser::Step RespParser::read_items(std::string_view head, std::int64_t values_each,
                                        RespValue& value, int depth) {
  const auto count = number_in(head);
  if (!count || *count < -1 || *count > static_cast<std::int64_t>(items_max)) return Step::bad;
  if (*count == -1) {
    value.kind = RespValue::Kind::null;
    return Step::done;
  }
  for (std::int64_t i = 0; i < *count * values_each; ++i) {
    const auto step = read(value.items.emplace_back(), depth + 1);
    if (step != Step::done) return step;
  }
  return Step::done;
}

void append_command(std::string& out, std::span<const std::string_view> words) {
  append_length(out, '*', words.size());
  for (const auto word : words) {
    append_length(out, '$', word.size());
    out += word;
    out += line_end;
  }
}

}  // namespace banter::relay
