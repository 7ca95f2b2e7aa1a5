// The numbered steps from an empty database to the schema this program knows, embedded at build
// time from migrations/<dialect>/NNNN_name.sql. A step that was released is never edited. Values
// only.
#pragma once

#include <span>

namespace banter::store {

struct Migration {
  int number;        // from 1, without a hole
  const char* name;  // "0001_initial"
  const char* sql;   // several statements
};

[[nodiscard]] std::span<const Migration> migrations_sqlite();
[[nodiscard]] std::span<const Migration> migrations_postgres();

}  // namespace banter::store
