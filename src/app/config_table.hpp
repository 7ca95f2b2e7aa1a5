// The table of settings: one row each, from which flags, variables, the file, `config print` and
// the options list of docs/operations.md come. A new setting is one row here and one member of
// Config.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "app/config_words.hpp"

namespace banter::app {

struct Setting {
  std::string_view name;        // "log-level": --log-level, BANTER_LOG_LEVEL, log_level in the file
  std::string_view value_name;  // of its value in --help; empty: a flag without value
  std::string_view group;
  std::string_view help;        // one sentence or two, without the default
  std::string_view alias = {};  // the variable of the replaced system, if it had one
  std::string_view unset = {};  // what the default is, where show() of the default says nothing
  bool secret = false;          // masked; no flag, because flags show in the process list
  ConfigScope scope = ConfigScope::all;
  Parsed<void> (*set)(Config& config, std::string_view value) = nullptr;
  std::string (*show)(const Config& config) = nullptr;

  [[nodiscard]] std::string flag() const;      // "--log-level", empty for secrets
  [[nodiscard]] std::string variable() const;  // "BANTER_LOG_LEVEL"
  [[nodiscard]] std::string file_key() const;  // "log_level", empty for secrets
  // What applies when nobody says anything, in words or as a value.
  [[nodiscard]] std::string default_text() const;
};

[[nodiscard]] std::span<const Setting> settings();

// The options list of docs/operations.md: one Markdown table per group.
[[nodiscard]] std::string settings_as_markdown();

}  // namespace banter::app
