#include "store/postgres/values.hpp"

#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>

#include "base/assert.hpp"

namespace banter::store::postgres {
namespace {

// Of pg_type.
constexpr std::int32_t oid_bytea = 17;
constexpr std::int32_t oid_bigint = 20;
constexpr std::int32_t oid_smallint = 21;
constexpr std::int32_t oid_text = 25;
constexpr std::int32_t null_length = -1;

template <std::integral Number>
Number swapped(Number value) {
  if constexpr (std::endian::native == std::endian::little && sizeof(Number) > 1) {
    return std::byteswap(value);
  }
  return value;
}

template <std::integral Number>
void append(std::string& out, Number value) {
  const Number big_endian = swapped(value);
  char bytes[sizeof big_endian];
  std::memcpy(bytes, &big_endian, sizeof bytes);
  out.append(bytes, sizeof bytes);
}

template <std::integral Number>
Number read(std::string_view bytes) {
  Number value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return swapped(value);
}

// Takes a number off the front; nullopt: too short.
template <std::integral Number>
std::optional<Number> take(std::string_view& bytes) {
  if (bytes.size() < sizeof(Number)) return std::nullopt;
  const auto value = read<Number>(bytes);
  bytes.remove_prefix(sizeof(Number));
  return value;
}

std::optional<std::int64_t> decode_integer(std::string_view bytes) {
  switch (bytes.size()) {
    case 2:
      return read<std::int16_t>(bytes);
    case 4:
      return read<std::int32_t>(bytes);
    case 8:
      return read<std::int64_t>(bytes);
    default:
      return std::nullopt;
  }
}

std::string array_head(std::size_t size, std::int32_t element, bool has_nulls) {
  std::string out;
  append(out, std::int32_t{size > 0 ? 1 : 0});
  append(out, std::int32_t{has_nulls ? 1 : 0});
  append(out, element);
  if (size > 0) {
    append(out, static_cast<std::int32_t>(size));
    append(out, std::int32_t{1});
  }
  return out;
}

template <class Number>
std::string number_array(std::span<const Number> values, std::int32_t element) {
  std::string out = array_head(values.size(), element, false);
  out.reserve(out.size() + values.size() * (sizeof(std::int32_t) + sizeof(Number)));
  for (const Number value : values) {
    append(out, static_cast<std::int32_t>(sizeof value));
    append(out, value);
  }
  return out;
}

}  // namespace

Params& Params::integer(std::int64_t value) {
  append(*values_.emplace_back(std::in_place), value);
  return *this;
}

Params& Params::maybe_integer(std::optional<std::int64_t> value) {
  if (value) return integer(*value);
  values_.emplace_back(std::nullopt);
  return *this;
}

Params& Params::boolean(bool value) {
  values_.emplace_back(std::string(1, value ? '\1' : '\0'));
  return *this;
}

Params& Params::text(std::string_view value) {
  values_.emplace_back(std::string(value));
  return *this;
}

Params& Params::integers(std::span<const std::int64_t> values) {
  values_.emplace_back(number_array(values, oid_bigint));
  return *this;
}

Params& Params::small_integers(std::span<const std::int16_t> values) {
  values_.emplace_back(number_array(values, oid_smallint));
  return *this;
}

Params& Params::strings(std::span<const std::string_view> values, Element element) {
  const bool nulls = element == Element::text_or_null;
  std::string out =
      array_head(values.size(), element == Element::bytes ? oid_bytea : oid_text, nulls);
  std::size_t total = out.size();
  for (const auto value : values) total += sizeof(std::int32_t) + value.size();
  out.reserve(total);
  for (const auto value : values) {
    if (nulls && value.empty()) {
      append(out, null_length);
      continue;
    }
    append(out, static_cast<std::int32_t>(value.size()));
    out.append(value);
  }
  values_.emplace_back(std::move(out));
  return *this;
}

const char* const* Params::pointers() const {
  pointers_.clear();
  for (const auto& value : values_) pointers_.push_back(value ? value->data() : nullptr);
  return pointers_.data();
}

const int* Params::lengths() const {
  lengths_.clear();
  for (const auto& value : values_) {
    lengths_.push_back(value ? static_cast<int>(value->size()) : 0);
  }
  return lengths_.data();
}

const int* Params::formats() const {
  formats_.assign(values_.size(), 1);  // binary
  return formats_.data();
}

std::optional<std::vector<std::int64_t>> decode_integers(std::string_view bytes) {
  const auto dimensions = take<std::int32_t>(bytes);
  const auto has_nulls = take<std::int32_t>(bytes);
  const auto element = take<std::int32_t>(bytes);
  if (!dimensions || !has_nulls || !element) return std::nullopt;
  std::vector<std::int64_t> values;
  if (*dimensions == 0) return bytes.empty() ? std::optional(values) : std::nullopt;
  const auto size = take<std::int32_t>(bytes);
  const auto lower_bound = take<std::int32_t>(bytes);
  if (*dimensions != 1 || !size || *size < 0 || !lower_bound) return std::nullopt;
  // Each element has a length at least: a size that is not there reserves nothing.
  if (static_cast<std::size_t>(*size) > bytes.size() / sizeof(std::int32_t)) return std::nullopt;
  values.reserve(static_cast<std::size_t>(*size));
  for (std::int32_t i = 0; i < *size; ++i) {
    const auto length = take<std::int32_t>(bytes);
    if (!length) return std::nullopt;
    if (*length == null_length) {
      values.push_back(0);
      continue;
    }
    if (*length < 0 || static_cast<std::size_t>(*length) > bytes.size()) return std::nullopt;
    const auto value = decode_integer(bytes.substr(0, static_cast<std::size_t>(*length)));
    if (!value) return std::nullopt;
    values.push_back(*value);
    bytes.remove_prefix(static_cast<std::size_t>(*length));
  }
  return bytes.empty() ? std::optional(std::move(values)) : std::nullopt;
}

bool Rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Rows::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Rows::integer(int row, int column) const {
  const auto value = decode_integer(bytes(row, column));
  ASSERT(value.has_value(), "the statement gives a number in this column");
  return *value;
}

std::optional<std::int64_t> Rows::maybe_integer(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return integer(row, column);
}

bool Rows::boolean(int row, int column) const {
  const auto value = bytes(row, column);
  return value.size() == 1 && value[0] != '\0';
}

std::vector<std::int64_t> Rows::integers(int row, int column) const {
  auto values = decode_integers(bytes(row, column));
  ASSERT(values.has_value(), "the statement gives an array of numbers in this column");
  return *std::move(values);
}

}  // namespace banter::store::postgres
