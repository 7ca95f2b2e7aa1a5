#include "app/config_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <optional>
#include <utility>

#include "app/config_table.hpp"
#include "app/config_words.hpp"

namespace banter::app {
namespace {

// As on the command line; nullopt: a type that no setting has.
std::optional<std::string> as_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "on" : "off";
  if (const auto* array = node.as_array()) {
    std::vector<std::string> entries;
    for (const auto& entry : *array) {
      const auto* text = entry.as_string();
      // A comma would make two entries of one.
      if (text == nullptr || text->get().find(',') != std::string::npos) return std::nullopt;
      entries.push_back(text->get());
    }
    return joined(entries);
  }
  return std::nullopt;
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string> names;
  for (const auto& setting : settings()) {
    if (setting.secret &&
        (key == setting.name || setting.variable() == "BANTER_" + upper_ascii(key))) {
      return fmt::format(
          "keys are not kept in this file; set {} in the environment, or use "
          "secret_key_file",
          setting.variable());
    }
    if (!setting.secret) names.push_back(setting.file_key());
  }
  const auto near = nearest(lower_ascii(key), names);
  return near.empty() ? "no such setting; `banter config print` lists them"
                      : fmt::format("no such setting; did you mean {}?", near);
}

bool known(std::string_view key) {
  for (const auto& setting : settings()) {
    if (!setting.secret && setting.file_key() == key) return true;
  }
  return false;
}

}  // namespace

FileSettings read_file_settings(std::string_view path, std::string_view text) {
  FileSettings file;
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    file.errors.push_back(fmt::format("{} line {}: not TOML: {}", path, error.source().begin.line,
                                      error.description()));
    return file;
  }
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const auto line = node.source().begin.line;
    const auto refuse = [&](std::string_view why) {
      file.errors.push_back(fmt::format("{} ({} line {}): {}", in_quotes(name), path, line, why));
    };
    if (!known(name)) {
      refuse(unknown_key(name));
      continue;
    }
    auto value = as_text(node);
    if (!value) {
      refuse("neither text, a whole number, true or false, nor a list of texts without commas");
      continue;
    }
    file.values.emplace(name, FileValue{.value = *std::move(value), .line = line});
  }
  return file;
}

}  // namespace banter::app
