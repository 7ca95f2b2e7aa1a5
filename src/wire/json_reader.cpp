#include "wire/json_reader.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "base/utf8.hpp"
#include "wire/json_complaint.hpp"

namespace banter::wire {
namespace {

namespace json = boost::json;

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

// The UTF-16 unit of the escape \uXXXX at `at`; nullopt if none stands there.
std::optional<std::uint32_t> escaped_unit(std::string_view text, std::size_t at) {
  constexpr std::size_t escape_bytes = 6;
  if (text.size() < escape_bytes || at > text.size() - escape_bytes) return std::nullopt;
  if (text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  const char* const end = text.data() + at + escape_bytes;
  const auto [stop, error] = std::from_chars(text.data() + at + 2, end, unit, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// The text with each escape of a lone surrogate replaced by the three bytes that encode it. The
// text was valid UTF-8, so nothing else looks like them.
std::string mark_lone_surrogates(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const auto unit = escaped_unit(text, at);
    if (!unit || !(is_high(*unit) || is_low(*unit))) {
      at += 2;  // of a \uXXXX the digits follow, and no backslash among them
      continue;
    }
    const auto next = escaped_unit(text, at + 6);
    if (is_high(*unit) && next && is_low(*next)) {
      at += 12;
      continue;
    }
    out.append(text.substr(copied, at - copied));
    out += static_cast<char>(0xED);
    out += static_cast<char>(0x80 | (*unit >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (*unit & 0x3F));
    at += 6;
    copied = at;
  }
  out.append(text.substr(copied));
  return out;
}

// As Python's str() writes a float: the shortest digits that read back, always marked as a float.
std::string real_text(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".ein") == std::string::npos) text += ".0";
  return text;
}

// The handler that Boost's parser calls: keeps the outermost members and the elements of arrays
// among them.
class Collector {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Text = json::string_view;
  using Code = json::error_code;

  Fields fields;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open(FieldKind::object); }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_begin(Code&) { return open(FieldKind::array); }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(Text part, std::size_t, Code&) { return add(key_, part, depth_ == 1); }
  bool on_key(Text part, std::size_t, Code&) { return add(key_, part, depth_ == 1); }
  bool on_string_part(Text part, std::size_t, Code&) { return add(text_, part, depth_ <= 2); }
  bool on_string(Text part, std::size_t, Code&) {
    return add(text_, part, depth_ <= 2) && put(FieldKind::text);
  }
  bool on_number_part(Text part, Code&) { return add(text_, part, true); }
  bool on_int64(std::int64_t value, Text part, Code& code) {
    return on_double(static_cast<double>(value), part, code);
  }
  bool on_uint64(std::uint64_t value, Text part, Code& code) {
    return on_double(static_cast<double>(value), part, code);
  }
  bool on_double(double value, Text part, Code&) {
    (void)add(text_, part, true);
    if (text_.find_first_of(".eE") == std::string::npos) {
      if (text_ == "-0") text_ = "0";
      return put(FieldKind::integer);
    }
    // Boost rounds some numbers another way than CPython; beyond the range of a double both say
    // infinity or zero.
    double exact = value;
    (void)std::from_chars(text_.data(), text_.data() + text_.size(), exact);
    text_ = real_text(exact);
    return put(FieldKind::real);
  }
  bool on_bool(bool, Code&) { return put(FieldKind::boolean); }
  bool on_null(Code&) { return put(FieldKind::null); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

 private:
  static bool add(std::string& to, Text part, bool wanted) {
    if (wanted) to.append(part.data(), part.size());
    return true;
  }
  bool open(FieldKind kind) {
    (void)put(kind);
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  // A value begins (array, object) or is complete.
  bool put(FieldKind kind) {
    if (depth_ == 0) {
      fields.kind = kind;
    } else if (depth_ == 1 && fields.kind == FieldKind::object) {
      fields.members.emplace_back(
          std::exchange(key_, {}),
          Field{.kind = kind, .text = std::exchange(text_, {}), .elements = {}});
    } else if (depth_ == 2 && !fields.members.empty() &&
               fields.members.back().second.kind == FieldKind::array) {
      fields.members.back().second.elements.push_back(
          Field{.kind = kind, .text = std::exchange(text_, {}), .elements = {}});
    }
    text_.clear();
    if (depth_ != 1) key_.clear();
    return true;
  }

  std::size_t depth_ = 0;  // open arrays and objects
  std::string key_;
  std::string text_;
};

std::string invalid_utf8_words(std::string_view bytes) {
  base::Utf8Validator validator;
  std::size_t begin = 0;  // of the code point being read
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!validator.feed(bytes.substr(i, 1)))
      return fmt::format("'utf-8' codec can't decode byte 0x{:02x} in position {}: invalid {} byte",
                         byte_of(bytes[begin]), begin, i == begin ? "start" : "continuation");
    if (validator.complete()) begin = i + 1;
  }
  return fmt::format(
      "'utf-8' codec can't decode byte 0x{:02x} in position {}: unexpected end of data",
      byte_of(bytes[begin]), begin);
}

}  // namespace

std::expected<Fields, std::string> read_json(std::string_view bytes) {
  if (!base::is_utf8(bytes)) return std::unexpected(invalid_utf8_words(bytes));
  if (bytes.starts_with("\xEF\xBB\xBF"))
    return std::unexpected(
        "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
  const auto marked = bytes.contains("\\u") ? mark_lone_surrogates(bytes) : std::string();
  const auto text = marked.empty() ? bytes : std::string_view(marked);
  json::parse_options options;
  options.max_depth = json_depth_max;
  options.allow_invalid_utf8 = true;  // judged above; what is left are the marks
  json::basic_parser<Collector> parser(options);
  json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error || used < text.size()) {
    if (auto complaint = json_complaint(bytes)) return std::unexpected(*std::move(complaint));
    const auto* what = error == json::error::too_deep ? "Nested too deeply" : "Invalid syntax";
    return std::unexpected(fmt::format("{}: {}", what, json_place(text, used)));
  }
  return std::move(parser.handler().fields);
}

}  // namespace banter::wire
