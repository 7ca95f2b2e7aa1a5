// The three readings every row of the tables goes through: whole, byte by byte, cut at every
// offset.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "unit/ws/codec_table.hpp"

namespace banter::ws {

inline std::string name_of(const testing::TestParamInfo<Case>& row) { return row.param.name; }

// Every offset of a short stream; of a long one those near its ends and a sample between.
inline std::vector<std::size_t> offsets_of(std::size_t size) {
  constexpr std::size_t near = 300;
  constexpr std::size_t stride = 997;
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i <= size; ++i)
    if (size <= 4 * near || i < near || i + near > size || i % stride == 0) offsets.push_back(i);
  return offsets;
}

inline void expect_same_events_however_cut(const Case& row) {
  EXPECT_EQ(events_of(row.stream, {}, row.message_bytes_max), row.events) << "whole";
  std::vector<std::size_t> each(row.stream.size());
  std::iota(each.begin(), each.end(), std::size_t{0});
  EXPECT_EQ(events_of(row.stream, each, row.message_bytes_max), row.events) << "byte by byte";
  for (const std::size_t cut : offsets_of(row.stream.size()))
    ASSERT_EQ(events_of(row.stream, {cut}, row.message_bytes_max), row.events) << "cut at " << cut;
}

}  // namespace banter::ws
