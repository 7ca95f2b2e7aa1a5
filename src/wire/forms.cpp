#include "wire/forms.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <ranges>

#include "base/utf8.hpp"
#include "wire/text.hpp"

namespace banter::wire {
namespace {

constexpr std::size_t digits_max = 4'300;  // CPython's sys.int_info.default_max_str_digits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Each maximal stretch that cannot be part of a code point becomes one U+FFFD, as in CPython.
std::string replace_invalid(std::string_view bytes) {
  std::string out;
  std::size_t begin = 0;  // of the code point being read
  base::Utf8Validator validator;
  for (std::size_t i = 0; i < bytes.size();) {
    if (!validator.feed(bytes.substr(i, 1))) {
      out += "\xEF\xBF\xBD";
      if (i == begin) ++i;  // a byte that begins nothing; else it may begin the next code point
      begin = i;
      validator = {};
      continue;
    }
    ++i;
    if (validator.complete()) {
      out.append(bytes.substr(begin, i - begin));
      begin = i;
    }
  }
  if (begin < bytes.size()) out += "\xEF\xBF\xBD";
  return out;
}

std::string form_text(std::string_view encoded) {
  std::string bytes = percent_decoded(encoded, true);
  return base::is_utf8(bytes) ? bytes : replace_invalid(bytes);
}

// digits: not empty, ASCII digits only.
std::int64_t clamped(std::string_view digits, bool negative) {
  std::int64_t value = 0;
  const std::string_view significant =
      digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const auto [end, error] =
      std::from_chars(significant.data(), significant.data() + significant.size(), value);
  if (error == std::errc::result_out_of_range)
    return negative ? std::numeric_limits<std::int64_t>::min()
                    : std::numeric_limits<std::int64_t>::max();
  return negative ? -value : value;
}

}  // namespace

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high << 4 | low);
        i += 2;
        continue;
      }
    }
    out += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

std::expected<Form, FormError> Form::parse(std::string_view text) {
  if (static_cast<std::size_t>(std::ranges::count(text, '&')) >= form_fields_max)
    return std::unexpected(FormError::too_many_fields);
  Form form;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    const bool has_value = equals != std::string_view::npos;
    form.fields_.emplace_back(form_text(field.substr(0, equals)),
                              has_value ? form_text(field.substr(equals + 1)) : std::string{});
  }
  return form;
}

std::optional<std::string_view> Form::first(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &std::pair<std::string, std::string>::first);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> Form::last(std::string_view name) const {
  for (const auto& [field, value] : fields_ | std::views::reverse)
    if (field == name) return value;
  return std::nullopt;
}

std::optional<std::int64_t> integer(std::string_view utf8) {
  std::string_view text = strip(utf8);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > digits_max || !std::ranges::all_of(text, is_digit))
    return std::nullopt;
  return clamped(text, negative);
}

std::optional<ConversationId> path_id(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  return ConversationId{clamped(text, false)};
}

}  // namespace banter::wire
