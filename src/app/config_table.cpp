#include "app/config_table.hpp"

#include <fmt/format.h>

#include <cctype>

namespace banter::app {

std::string Setting::flag() const { return secret ? "" : fmt::format("--{}", name); }

std::string Setting::variable() const {
  std::string out = "BANTER_";
  for (const char c : name) {
    out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string Setting::file_key() const {
  if (secret) return {};
  std::string out(name);
  for (char& c : out) c = c == '-' ? '_' : c;
  return out;
}

std::string Setting::default_text() const {
  return unset.empty() ? show(Config{}) : std::string(unset);
}

std::string settings_as_markdown() {
  std::string out;
  std::string_view group;
  for (const auto& setting : settings()) {
    if (setting.group != group) {
      group = setting.group;
      out += fmt::format(
          "{}### {}\n\n| flag | variable | default | what it does |\n|---|---|---|---|\n",
          out.empty() ? "" : "\n", group);
    }
    const auto flag = setting.secret ? std::string("none")
                      : setting.value_name.empty()
                          ? fmt::format("`{}`", setting.flag())
                          : fmt::format("`{} {}`", setting.flag(), setting.value_name);
    auto variable = fmt::format("`{}`", setting.variable());
    if (!setting.alias.empty()) variable += fmt::format(", also {}", setting.alias);
    auto value = setting.default_text();
    if (setting.unset.empty()) value = fmt::format("`{}`", value);
    std::string row = fmt::format("{} | {} | {} | {}", flag, variable, value, setting.help);
    for (std::size_t at = 0; (at = row.find("on|off", at)) != std::string::npos; at += 7) {
      row.replace(at, 6, "on\\|off");
    }
    out += fmt::format("| {} |\n", row);
  }
  return out;
}

}  // namespace banter::app
