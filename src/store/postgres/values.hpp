// Values as PostgreSQL's binary format has them: what is sent with a statement, and what comes
// back. Big-endian numbers; an array is
//
//   int32 dimensions (0 or 1), int32 has-nulls, int32 element-type,
//   [int32 size, int32 lower-bound,] *( int32 length (-1: null), bytes )
//
// Pure but for PGresult, which a Rows owns.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banter::store::postgres {

// The parameters of one statement, in order. The statement says their types ($1::bigint).
class Params {
 public:
  Params& integer(std::int64_t value);   // bigint
  Params& boolean(bool value);           // boolean
  Params& text(std::string_view value);  // text, or bytea
  Params& maybe_integer(std::optional<std::int64_t> value);
  Params& integers(std::span<const std::int64_t> values);        // bigint[]
  Params& small_integers(std::span<const std::int16_t> values);  // smallint[]
  // text[], or bytea[] with bytes = true. With empty_is_null, empty ones are NULL.
  enum class Element { text, text_or_null, bytes };
  Params& strings(std::span<const std::string_view> values, Element element);

  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  // For libpq; valid until the next change.
  [[nodiscard]] const char* const* pointers() const;
  [[nodiscard]] const int* lengths() const;
  [[nodiscard]] const int* formats() const;

 private:
  std::vector<std::optional<std::string>> values_;
  mutable std::vector<const char*> pointers_;
  mutable std::vector<int> lengths_;
  mutable std::vector<int> formats_;
};

// The elements of an array of smallint, integer or bigint; NULL is 0. nullopt: these bytes are
// none.
[[nodiscard]] std::optional<std::vector<std::int64_t>> decode_integers(std::string_view bytes);

// What a statement answered, in binary. A column is of the type that is asked for: the statements
// are ours, and a mismatch is a bug.
class Rows {
 public:
  Rows() = default;
  explicit Rows(PGresult* result) : result_(result) {}
  [[nodiscard]] int count() const { return result_ ? PQntuples(result_.get()) : 0; }
  [[nodiscard]] bool is_null(int row, int column) const;
  [[nodiscard]] std::int64_t integer(int row, int column) const;  // smallint, integer, bigint
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;
  [[nodiscard]] std::string_view bytes(int row, int column) const;  // text, bytea; NULL is empty
  [[nodiscard]] std::vector<std::int64_t> integers(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace banter::store::postgres
