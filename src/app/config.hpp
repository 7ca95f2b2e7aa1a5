// Config: everything an operator can tell the server, read once at start from flags, environment
// and file, in this order of precedence. Values only; app/server copies from it what each layer's
// own options need, and no layer reads the environment. The settings themselves stand in
// config_table.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "chat/limits.hpp"
#include "chat/throttle.hpp"

namespace banter::app {

struct Endpoint {
  std::string host = "127.0.0.1";  // a name or an address, IPv6 without brackets
  std::uint16_t port = 8000;       // 0: the system picks a free one
};

// Requests per minute, as the README of the replaced system states them (contract, deviation 7).
struct Throttles {
  chat::Rate signup{2};
  chat::Rate login{5};
  chat::Rate login_failures{5};     // failed logins per account and address
  chat::Rate account_failures{30};  // failed logins per account
  chat::Rate conversations{5};
  chat::Rate messages_read{10};
  chat::Rate anonymous{20};
  chat::Rate authenticated{120};
};

struct RequestLimits {
  std::size_t body_bytes_max = chat::body_bytes_max;
  std::size_t head_bytes_max = chat::head_bytes_max;
  std::size_t text_bytes_max = chat::text_bytes_max;
  std::size_t members_max = chat::members_max;
  std::size_t history_max = chat::history_max;  // messages of one answer
};

struct Config {
  Endpoint listen;
  std::filesystem::path data = "data";
  std::string database = "sqlite:";
  std::string redis;  // empty: none
  bool auto_migrate = true;
  bool allow_weak_durability = false;
  // Empty until app/signing_key resolved it, unless it came from the environment.
  std::string secret_key;
  std::filesystem::path secret_key_file;   // empty: DATA/secret.key
  std::vector<std::string> previous_keys;  // verify, never sign
  bool insecure_dev = false;
  std::vector<std::string> allowed_hosts;    // empty: any
  std::vector<std::string> allowed_origins;  // empty: any
  std::vector<std::string> trusted_proxies;  // addresses and networks
  Throttles throttles;
  chat::Rate message_rate{.count = 5, .window = std::chrono::seconds{10}};  // count 0: off
  std::chrono::seconds access_lifetime{43'200};                             // contract, section 3
  std::chrono::seconds refresh_lifetime{86'400};                            // contract, section 3
  RequestLimits limits;
  std::size_t reactors = 0;          // 0: one per core
  std::size_t password_threads = 0;  // 0: one per two cores, at least one
  std::size_t connections_max = 50'000;
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::logfmt;
  bool access_log = true;

  // Variables that were seen and not used, to be told once at start.
  std::vector<std::string> unused_variables;   // POSTGRES_*, REDIS_*: of the replaced system
  std::vector<std::string> unknown_variables;  // BANTER_* that no setting has
};

// Where settings come from. Flags under their setting's name, as written.
struct ConfigSources {
  std::map<std::string, std::string> flags;
  std::map<std::string, std::string> environment;
  std::string file_path;                 // for messages
  std::optional<std::string> file_text;  // TOML; nullopt: no file
};

// One line of `config print`: a secret is masked here already.
struct ShownSetting {
  std::string name;
  std::string value;
  std::string source;  // "--listen", "BANTER_LISTEN", "/etc/banter/banter.toml", "default"
};

struct LoadedConfig {
  Config config;
  std::vector<ShownSetting> shown;
};

// Every error at once, each beginning with the name of the setting in the source it came from.
using ConfigErrors = std::vector<std::string>;

// What a command needs: the server all settings, administrator commands only where the data is.
enum class ConfigScope : std::uint8_t { all, data };

// Pure. With ConfigScope::data, settings that have nothing to do with the data are not looked at.
[[nodiscard]] std::expected<LoadedConfig, ConfigErrors> load_config(
    const ConfigSources& sources, ConfigScope scope = ConfigScope::all);

// The process's environment, and the file named by --config, BANTER_CONFIG or, if it exists,
// /etc/banter/banter.toml.
[[nodiscard]] std::expected<ConfigSources, ConfigErrors> gather_sources(
    std::map<std::string, std::string> flags, std::map<std::string, std::string> environment);
[[nodiscard]] std::map<std::string, std::string> process_environment();

}  // namespace banter::app
