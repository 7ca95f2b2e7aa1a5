// wire/json_scan judges as Boost.JSON does, but for numbers and surrogates that it takes; commands
// keep their promises; what is written for a text is read back by Boost.JSON as that text.
#include <boost/json.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/utf8.hpp"
#include "wire/command.hpp"
#include "wire/event_json.hpp"
#include "wire/json_scan.hpp"
#include "wire/text.hpp"

namespace {

using namespace banter;
namespace json = boost::json;

constexpr std::size_t depth_max = 32;

// The unit of the \uXXXX at `at`, 0 if none stands there.
unsigned unit_at(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  if (at > text.size() || !text.substr(at).starts_with("\\u") || text.size() - at < 6) return 0;
  const char* const digits = text.data() + at + 2;
  return std::from_chars(digits, digits + 4, unit, 16).ptr == digits + 4 ? unit : 0;
}

// Boost.JSON refuses escapes of half a surrogate pair; here they become U+FFFD, as unescape() has
// it.
std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const unsigned unit = text[at] == '\\' ? unit_at(text, at) : 0;
    std::size_t kept = text[at] == '\\' ? 2 : 1;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
      const unsigned second = unit_at(text, at + 6);
      kept = unit <= 0xDBFF && second >= 0xDC00 && second <= 0xDFFF ? 12 : 0;
      if (kept == 0) {
        out += "\\ufffd";
        at += 6;
      }
    }
    out += text.substr(at, kept);
    at += kept;
  }
  return out;
}

wire::JsonKind kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return wire::JsonKind::null;
    case json::kind::bool_:
      return wire::JsonKind::boolean;
    case json::kind::string:
      return wire::JsonKind::string;
    case json::kind::array:
      return wire::JsonKind::array;
    case json::kind::object:
      return wire::JsonKind::object;
    default:
      return wire::JsonKind::number;
  }
}

void expect_same(const wire::JsonValue& ours, const json::value& theirs) {
  ASSERT(ours.kind == kind_of(theirs), "the kinds are the same");
  if (const auto* text = theirs.if_string())
    ASSERT(wire::unescape(ours) == std::string_view{*text}, "the strings mean the same");
  if (const auto* flag = theirs.if_bool()) ASSERT(wire::is_truthy(ours) == *flag, "true is true");
  if (const auto* list = theirs.if_array())
    ASSERT(wire::is_truthy(ours) == !list->empty(), "only an empty array is false");
  if (const auto* members = theirs.if_object())
    ASSERT(wire::is_truthy(ours) == !members->empty(), "only an empty object is false");
  if (theirs.is_int64() || theirs.is_uint64())
    ASSERT(wire::is_truthy(ours) == (theirs.to_number<double>() != 0), "only zero is false");
}

void compare_with_boost(std::string_view text) {
  wire::JsonMember wanted[] = {{"text"}, {"client_id"}};
  const auto ours = wire::scan_json(text, depth_max, wanted);
  json::error_code refusal;
  const auto theirs = json::parse(without_lone_surrogates(text), refusal);
  if (refusal) {
    ASSERT(!ours || refusal == json::error::exponent_overflow,
           "what Boost.JSON refuses is refused, but for numbers that no double holds");
    return;
  }
  ASSERT(ours, "what Boost.JSON takes is taken");
  expect_same(*ours, theirs);
  if (const auto* members = theirs.if_object())
    for (const auto& [name, value] : wanted) {
      const auto* other = members->if_contains(name);
      ASSERT((other == nullptr) == (value.kind == wire::JsonKind::absent), "the same members");
      if (other != nullptr) expect_same(value, *other);
    }
}

void expect_promises_kept(std::string_view text) {
  constexpr std::size_t text_bytes_max = 64;
  const auto result = wire::parse_command(text, text_bytes_max);
  const std::string& id = result ? result->client_id : result.error().client_id;
  ASSERT(id.size() <= 64 && wire::json_ascii_size(id) <= 2 * id.size(), "ids are printable ASCII");
  if (!result) {
    ASSERT(!result.error().detail.empty(), "errors say what to do");
  } else if (result->kind == wire::Command::post) {
    ASSERT(!result->text.empty() && result->text.size() <= text_bytes_max,
           "texts keep to the limit");
    ASSERT(wire::strip(result->text) == result->text, "texts are trimmed");
    ASSERT(base::is_utf8(result->text), "texts are UTF-8");
  }
}

void expect_read_back(std::string_view text) {
  const chat::Event event{.conversation = {},
                          .seq = Seq{1},
                          .author = UserId{2},
                          .payload = std::string{text},
                          .client_id = {},
                          .at = {}};
  std::string live;
  wire::append_live(live, event);
  ASSERT(json::parse(live).at("message").at("text").as_string() == text,
         "live frames hold the text");
  ASSERT(wire::encode_live_frame(event).ends_with(live), "the frame is a header and that");
  std::string compact;
  wire::append_message_compact(compact, event);
  ASSERT(json::parse(compact).at("text").as_string() == text, "HTTP bodies hold the text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  std::string escaped(wire::json_ascii_size(bytes), '\0');
  ASSERT(wire::put_json_ascii(escaped.data(), bytes) == escaped.data() + escaped.size(),
         "the size is told for any bytes");
  if (!base::is_utf8(bytes)) {
    (void)wire::parse_command(bytes);  // never happens; must be harmless
    return 0;
  }
  compare_with_boost(bytes);
  expect_promises_kept(bytes);
  expect_read_back(bytes);
  return 0;
}
