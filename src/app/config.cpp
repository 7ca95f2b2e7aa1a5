#include "app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "app/config_file.hpp"
#include "app/config_stores.hpp"
#include "app/config_table.hpp"
#include "app/config_values.hpp"

extern char** environ;  // POSIX

namespace banter::app {
namespace {

constexpr std::string_view default_file = "/etc/banter/banter.toml";
constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t key_bytes_min = 32;  // 256 bits, the size of HS256's hash

// A value as somebody wrote it, and where.
struct Raw {
  std::string value;
  std::string name;    // of the setting there, for errors
  std::string source;  // for `config print`
};

// An empty variable counts as unset: compose files write NAME=${NAME:-}.
const std::string* variable(const ConfigSources& sources, const std::string& name) {
  const auto found = sources.environment.find(name);
  return found == sources.environment.end() || found->second.empty() ? nullptr : &found->second;
}

// WS_RATE_COUNT and WS_RATE_WINDOW_SEC are one setting of ours.
std::optional<Raw> replaced_message_rate(const ConfigSources& sources, ConfigErrors& errors) {
  const auto* count = variable(sources, "WS_RATE_COUNT");
  const auto* window = variable(sources, "WS_RATE_WINDOW_SEC");
  if (count == nullptr && window == nullptr) return std::nullopt;
  auto rate = Config{}.message_rate;
  if (count != nullptr) {
    if (const auto number = parse_number(*count, 1, 1'000'000)) {
      rate.count = *number;
    } else {
      errors.push_back(fmt::format("WS_RATE_COUNT: {}; BANTER_MESSAGE_RATE=off lifts the limit",
                                   number.error()));
    }
  }
  if (window != nullptr) {
    if (const auto number = parse_number(*window, 1, 86'400)) {
      rate.window = std::chrono::seconds(*number);
    } else {
      errors.push_back(fmt::format("WS_RATE_WINDOW_SEC: {}", number.error()));
    }
  }
  const std::string name = count == nullptr    ? "WS_RATE_WINDOW_SEC"
                           : window == nullptr ? "WS_RATE_COUNT"
                                               : "WS_RATE_COUNT, WS_RATE_WINDOW_SEC";
  return Raw{.value = show(rate), .name = name, .source = name};
}

// What one variable of the replaced system says, or several together.
std::optional<Raw> replaced(const Setting& setting, const ConfigSources& sources,
                            ConfigErrors& errors) {
  if (setting.name == "message-rate") return replaced_message_rate(sources, errors);
  if (setting.name == "database" || setting.name == "redis") {
    auto url =
        setting.name == "redis" ? redis_of(sources.environment) : database_of(sources.environment);
    if (!url) return std::nullopt;
    return Raw{.value = std::move(url->value), .name = url->names, .source = url->names};
  }
  const std::string alias(setting.alias);
  const auto* value = alias.empty() ? nullptr : variable(sources, alias);
  if (value == nullptr) return std::nullopt;
  return Raw{.value = *value, .name = alias, .source = alias};
}

std::optional<Raw> find(const Setting& setting, const ConfigSources& sources,
                        const FileSettings& file, ConfigErrors& errors) {
  const std::string name(setting.name);
  if (const auto flag = sources.flags.find(name); flag != sources.flags.end()) {
    return Raw{.value = flag->second, .name = setting.flag(), .source = setting.flag()};
  }
  if (const auto* value = variable(sources, setting.variable())) {
    return Raw{.value = *value, .name = setting.variable(), .source = setting.variable()};
  }
  if (auto raw = replaced(setting, sources, errors)) return raw;
  if (const auto entry = file.values.find(setting.file_key()); entry != file.values.end()) {
    return Raw{
        .value = entry->second.value,
        .name = fmt::format("{} ({} line {})", entry->first, sources.file_path, entry->second.line),
        .source = sources.file_path};
  }
  return std::nullopt;
}

void check_key(std::string_view key, std::string_view name, ConfigErrors& errors) {
  if (key.size() >= key_bytes_min) return;
  errors.push_back(fmt::format(
      "{}: a key of {} bytes can be guessed; use at least {} (for example from `openssl rand -hex "
      "32`), or --insecure-dev for tests",
      name, key.size(), key_bytes_min));
}

// What no setting can see alone.
void check_together(const Config& config, const std::map<std::string, std::string>& names,
                    ConfigErrors& errors) {
  const auto name_of = [&](const std::string& setting) {
    const auto found = names.find(setting);
    return found == names.end() ? setting : found->second;
  };
  if (!config.insecure_dev) {
    if (!config.secret_key.empty()) check_key(config.secret_key, name_of("secret-key"), errors);
    for (const auto& key : config.previous_keys) {
      check_key(key, name_of("secret-key-previous"), errors);
    }
  }
  if (!config.secret_key.empty() && !config.secret_key_file.empty()) {
    errors.push_back(fmt::format("{}: {} gives a key too; unset one of them",
                                 name_of("secret-key-file"), name_of("secret-key")));
  }
  if (config.refresh_lifetime < config.access_lifetime) {
    errors.push_back(
        fmt::format("{}: a refresh token that ends before its access token is of no use; raise it "
                    "to at least {}",
                    name_of("refresh-lifetime"), show(config.access_lifetime)));
  }
}

// Redis carries news between nodes, and there is one node on SQLite. Who had it configured for the
// replaced system need not unset it.
void check_redis(Config& config, std::map<std::string, std::string>& origins,
                 ConfigErrors& errors) {
  if (config.redis.empty() || names_postgres(config.database)) return;
  const auto origin = origins.find("redis");
  if (origin->second.starts_with("REDIS_")) {
    config.redis.clear();
    origins.erase(origin);
    return;
  }
  errors.push_back(fmt::format(
      "{}: Redis is for several nodes on one PostgreSQL; set --database to it, or leave Redis out",
      origin->second));
}

// used: the variables that gave the databases their names, in one text.
void note_variables(const ConfigSources& sources, const std::string& used, Config& config) {
  for (const auto& [name, value] : sources.environment) {
    if (value.empty()) continue;
    if (name.starts_with("POSTGRES_") || name.starts_with("REDIS_")) {
      if (!used.contains(name)) config.unused_variables.push_back(name);
    } else if (name.starts_with("BANTER_") && name != "BANTER_CONFIG" &&
               std::ranges::none_of(settings(),
                                    [&](const Setting& s) { return s.variable() == name; })) {
      config.unknown_variables.push_back(name);
    }
  }
}

ShownSetting shown(const Setting& setting, const Config& config, const std::string& source) {
  auto value = setting.show(config);
  if (source == "default" && value.empty()) value = setting.unset;
  if (setting.secret && source != "default") value = "********";
  return {.name = std::string(setting.name), .value = std::move(value), .source = source};
}

}  // namespace

std::expected<LoadedConfig, ConfigErrors> load_config(const ConfigSources& sources,
                                                      ConfigScope scope) {
  ConfigErrors errors;
  FileSettings file;
  if (sources.file_text) file = read_file_settings(sources.file_path, *sources.file_text);
  errors = file.errors;
  LoadedConfig loaded;
  std::map<std::string, std::string> names;    // setting -> its name where it was set
  std::map<std::string, std::string> origins;  // setting -> source
  for (const auto& setting : settings()) {
    if (scope == ConfigScope::data && setting.scope != ConfigScope::data) continue;
    const auto raw = find(setting, sources, file, errors);
    if (!raw) continue;
    names[std::string(setting.name)] = raw->name;
    origins[std::string(setting.name)] = raw->source;
    if (const auto set = setting.set(loaded.config, raw->value); !set) {
      errors.push_back(fmt::format("{}: {}", raw->name, set.error()));
    }
  }
  check_together(loaded.config, names, errors);
  check_redis(loaded.config, origins, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  note_variables(sources, origins["database"] + origins["redis"], loaded.config);
  for (const auto& setting : settings()) {
    const auto origin = origins.find(std::string(setting.name));
    loaded.shown.push_back(
        shown(setting, loaded.config, origin == origins.end() ? "default" : origin->second));
  }
  return loaded;
}

std::expected<ConfigSources, ConfigErrors> gather_sources(
    std::map<std::string, std::string> flags, std::map<std::string, std::string> environment) {
  ConfigSources sources{.flags = std::move(flags),
                        .environment = std::move(environment),
                        .file_path = {},
                        .file_text = {}};
  std::string name = "--config";
  if (auto flag = sources.flags.extract("config")) {
    sources.file_path = flag.mapped();
  } else if (const auto* path = variable(sources, "BANTER_CONFIG")) {
    sources.file_path = *path;
    name = "BANTER_CONFIG";
  } else {
    std::error_code error;
    if (!std::filesystem::exists(default_file, error)) return sources;
    sources.file_path = default_file;
    name = default_file;
  }
  std::ifstream stream(sources.file_path, std::ios::binary);
  std::string text(file_bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  if (!stream.is_open() || stream.bad() || (text.empty() && !stream.eof())) {
    return std::unexpected(
        ConfigErrors{fmt::format("{}: cannot read {}; check the path and its permissions", name,
                                 in_quotes(sources.file_path))});
  }
  if (text.size() > file_bytes_max) {
    return std::unexpected(
        ConfigErrors{fmt::format("{}: {} is larger than 1 MiB; it is no configuration", name,
                                 in_quotes(sources.file_path))});
  }
  sources.file_text = std::move(text);
  return sources;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace banter::app
