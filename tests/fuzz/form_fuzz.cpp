// Form bodies and query strings of any bytes: names and values are UTF-8, the number of fields is
// bounded, and a form written by the book is read back as it was meant.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/utf8.hpp"
#include "wire/forms.hpp"
#include "wire/http_json.hpp"

namespace {

using namespace banter;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto form = wire::Form::parse(bytes)) {
    ASSERT(form->fields().size() <= wire::form_fields_max, "the number of fields is bounded");
    for (const auto& [name, value] : form->fields()) {
      ASSERT(base::is_utf8(name) && base::is_utf8(value), "fields are UTF-8");
      ASSERT(form->first(name) && form->last(name), "every field is found");
    }
  }
  if (base::is_utf8(bytes)) {
    const auto form =
        wire::Form::parse("a=1&" + percent_encoded(bytes) + "=" + percent_encoded(bytes) + "&b");
    ASSERT(form && form->last(bytes) && form->fields().size() == 3, "three fields were written");
    ASSERT(form->fields()[1].second == bytes, "a value is read back");
  }
  if (const auto number = wire::integer(bytes)) {
    const bool clamped = *number == std::numeric_limits<std::int64_t>::max() ||
                         *number == std::numeric_limits<std::int64_t>::min();
    ASSERT(clamped || wire::integer(std::to_string(*number)) == *number, "a number is a number");
  }
  if (const auto id = wire::path_id(bytes)) ASSERT(id->value >= 0, "paths hold no signs");
  if (const auto query = wire::history_query(bytes))
    ASSERT(query->limit >= 1 && query->limit <= 200, "the limit is clamped");
  return 0;
}
