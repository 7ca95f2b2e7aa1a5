// The configuration file: TOML with one key per setting, no tables. Reads text into values as they
// would be written on a command line; what they mean is the table's business. Pure.
//
//   key = value       value: string, integer, boolean, or an array of strings
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "app/config.hpp"

namespace banter::app {

struct FileValue {
  std::string value;
  std::uint32_t line = 0;
};

struct FileSettings {
  std::map<std::string, FileValue> values;  // by key; known keys only
  ConfigErrors errors;                      // of syntax, unknown keys, wrong types
};

[[nodiscard]] FileSettings read_file_settings(std::string_view path, std::string_view text);

}  // namespace banter::app
