#include "app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "app/config_stores.hpp"
#include "app/config_table.hpp"

namespace banter::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

const std::string good_key(32, 'k');

ConfigSources from(std::map<std::string, std::string> flags,
                   std::map<std::string, std::string> environment = {},
                   std::optional<std::string> file = std::nullopt) {
  return {.flags = std::move(flags),
          .environment = std::move(environment),
          .file_path = "banter.toml",
          .file_text = std::move(file)};
}

Config loaded(const ConfigSources& sources) {
  auto result = load_config(sources);
  if (!result) {
    ADD_FAILURE() << result.error().front();
    return {};
  }
  return result->config;
}

ConfigErrors errors_of(const ConfigSources& sources) {
  auto result = load_config(sources);
  return result ? ConfigErrors{} : result.error();
}

ShownSetting shown(const ConfigSources& sources, std::string_view name) {
  const auto result = load_config(sources);
  if (!result) return {};
  const auto found = std::ranges::find(result->shown, name, &ShownSetting::name);
  return found == result->shown.end() ? ShownSetting{} : *found;
}

TEST(Config, TakesFlagsOverEnvironmentOverFileOverDefaults) {
  const std::string file = "log_level = 'error'\n";
  const std::map<std::string, std::string> environment{{"BANTER_LOG_LEVEL", "warn"}};
  const std::map<std::string, std::string> flags{{"log-level", "debug"}};
  EXPECT_EQ(loaded(from({})).log_level, log::Level::info);
  EXPECT_EQ(loaded(from({}, {}, file)).log_level, log::Level::error);
  EXPECT_EQ(loaded(from({}, environment, file)).log_level, log::Level::warn);
  EXPECT_EQ(loaded(from(flags, environment, file)).log_level, log::Level::debug);
}

TEST(Config, TellsWhereEachValueCameFrom) {
  const auto sources =
      from({{"log-level", "debug"}}, {{"ALLOWED_HOSTS", "chat.example.com"}}, "reactors = 3\n");
  EXPECT_EQ(shown(sources, "log-level").source, "--log-level");
  EXPECT_EQ(shown(sources, "allowed-hosts").source, "ALLOWED_HOSTS");
  EXPECT_EQ(shown(sources, "reactors").source, "banter.toml");
  EXPECT_EQ(shown(sources, "reactors").value, "3");
  EXPECT_EQ(shown(sources, "listen").source, "default");
  EXPECT_EQ(shown(sources, "listen").value, "127.0.0.1:8000");
}

TEST(Config, ReportsAllErrorsAtOnceUnderTheNamesTheyWereWrittenAs) {
  const auto errors =
      errors_of(from({{"listen", "nowhere"}}, {{"BANTER_REACTORS", "many"}, {"WS_RATE_COUNT", "x"}},
                     "log_format = 'xml'\nmembers_max = 0\n"));
  EXPECT_THAT(errors,
              UnorderedElementsAre(StartsWith("--listen: "), StartsWith("BANTER_REACTORS: "),
                                   StartsWith("WS_RATE_COUNT: "),
                                   StartsWith("log_format (banter.toml line 1): "),
                                   StartsWith("members_max (banter.toml line 2): ")));
}

TEST(Config, HonoursTheNamesOfTheReplacedSystem) {
  const auto config = loaded(from({}, {{"DJANGO_SECRET_KEY", good_key},
                                       {"ALLOWED_HOSTS", "a.example.com, .b.example.com"},
                                       {"WS_RATE_COUNT", "7"},
                                       {"WS_RATE_WINDOW_SEC", "30"}}));
  EXPECT_EQ(config.secret_key, good_key);
  EXPECT_THAT(config.allowed_hosts, ElementsAre("a.example.com", ".b.example.com"));
  EXPECT_EQ(config.message_rate.count, 7u);
  EXPECT_EQ(config.message_rate.window, 30s);
}

TEST(Config, FillsInTheOtherHalfOfTheReplacedMessageRate) {
  EXPECT_EQ(loaded(from({}, {{"WS_RATE_COUNT", "9"}})).message_rate.window, 10s);
  EXPECT_EQ(loaded(from({}, {{"WS_RATE_WINDOW_SEC", "3"}})).message_rate.count, 5u);
}

TEST(Config, PrefersItsOwnVariablesToTheReplacedOnes) {
  const std::string other(32, 'o');
  const auto config = loaded(from({}, {{"DJANGO_SECRET_KEY", good_key},
                                       {"BANTER_SECRET_KEY", other},
                                       {"WS_RATE_COUNT", "7"},
                                       {"BANTER_MESSAGE_RATE", "off"}}));
  EXPECT_EQ(config.secret_key, other);
  EXPECT_EQ(config.message_rate.count, 0u);
}

TEST(Config, TellsWhichVariablesItDoesNotUse) {
  const auto config = loaded(from({}, {{"POSTGRES_USER", "chat"},
                                       {"REDIS_PORT", "6379"},
                                       {"REDIS_HOST", ""},
                                       {"BANTER_LISTNE", "x"},
                                       {"BANTER_CONFIG", "y"},
                                       {"PATH", "/bin"}}));
  EXPECT_EQ(config.database, "sqlite:");
  EXPECT_THAT(config.unused_variables, ElementsAre("POSTGRES_USER", "REDIS_PORT"));
  EXPECT_THAT(config.unknown_variables, ElementsAre("BANTER_LISTNE"));
}

TEST(Config, TakesTheStoresOfTheReplacedSystemFromItsVariables) {
  const auto sources = from({}, {{"POSTGRES_HOST", "db"},
                                 {"POSTGRES_DB", "chat"},
                                 {"POSTGRES_USER", "u@x"},
                                 {"POSTGRES_PASSWORD", "hunter2/:?"},
                                 {"REDIS_HOST", "cache"},
                                 {"REDIS_PASSWORD", "hunter2"}});
  const auto config = loaded(sources);
  EXPECT_EQ(config.database, "postgres://u%40x:hunter2%2F%3A%3F@db:5432/chat");
  EXPECT_EQ(config.redis, "redis://:hunter2@cache:6379/0");
  EXPECT_TRUE(config.unused_variables.empty());
  EXPECT_EQ(shown(sources, "database").value, "postgres://u%40x:********@db:5432/chat");
  EXPECT_EQ(shown(sources, "database").source,
            "POSTGRES_HOST, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD");
  EXPECT_EQ(shown(sources, "redis").value, "redis://:********@cache:6379/0");
}

TEST(Config, LeavesTheRedisOfTheReplacedSystemAloneOnSqlite) {
  const auto config = loaded(from({}, {{"REDIS_HOST", "cache"}}));
  EXPECT_EQ(config.redis, "");
  EXPECT_THAT(config.unused_variables, ElementsAre("REDIS_HOST"));
  EXPECT_THAT(errors_of(from({}, {{"BANTER_REDIS", "redis://cache"}})),
              ElementsAre(AllOf(StartsWith("BANTER_REDIS: "), HasSubstr("PostgreSQL"))));
}

TEST(Config, TakesAnEmptyVariableAsUnset) {
  EXPECT_EQ(loaded(from({}, {{"BANTER_LOG_LEVEL", ""}})).log_level, log::Level::info);
}

TEST(Config, MasksSecretsWhereverTheyComeFrom) {
  const std::string previous = good_key + "," + std::string(32, 'p');
  const auto result = load_config(
      from({}, {{"BANTER_SECRET_KEY", good_key}, {"BANTER_SECRET_KEY_PREVIOUS", previous}}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->config.previous_keys.size(), 2u);
  for (const auto& row : result->shown) {
    EXPECT_THAT(row.value, testing::Not(HasSubstr("kkkk"))) << row.name;
    EXPECT_THAT(row.value, testing::Not(HasSubstr("pppp"))) << row.name;
  }
}

TEST(Config, NeverRepeatsASecretInAnError) {
  const auto errors =
      errors_of(from({{"database", "mysql://u:hunter2@db/x"}, {"redis", "http://:hunter2@cache"}},
                     {{"BANTER_SECRET_KEY", "hunter2"}}));
  ASSERT_EQ(errors.size(), 3u);
  for (const auto& error : errors) EXPECT_THAT(error, testing::Not(HasSubstr("hunter2")));
}

TEST(Config, MasksThePasswordsOfUrls) {
  EXPECT_EQ(show_url("postgres://u:p@ss@db/x?password=q&a=b"),
            "postgres://u:********@db/x?password=********&a=b");
  EXPECT_EQ(show_url("redis://cache:6379/0"), "redis://cache:6379/0");
  EXPECT_EQ(show_url("redis://:secret@[::1]:7000,b:7001"), "redis://:********@[::1]:7000,b:7001");
  EXPECT_EQ(show_url("sqlite:"), "sqlite:");
}

TEST(Config, RefusesShortKeysUnlessDeveloping) {
  const std::string short_key(31, 'k');
  EXPECT_THAT(errors_of(from({}, {{"DJANGO_SECRET_KEY", short_key}})),
              ElementsAre(StartsWith("DJANGO_SECRET_KEY: ")));
  EXPECT_THAT(errors_of(from({}, {{"BANTER_SECRET_KEY_PREVIOUS", good_key + ",short"}})),
              ElementsAre(StartsWith("BANTER_SECRET_KEY_PREVIOUS: ")));
  EXPECT_EQ(
      loaded(from({{"insecure-dev", "on"}}, {{"DJANGO_SECRET_KEY", "dev-secret"}})).secret_key,
      "dev-secret");
}

TEST(Config, RefusesTwoSourcesOfTheKey) {
  EXPECT_THAT(errors_of(from({{"secret-key-file", "/k"}}, {{"BANTER_SECRET_KEY", good_key}})),
              ElementsAre(StartsWith("--secret-key-file: ")));
}

TEST(Config, RefusesARefreshTokenShorterThanItsAccessToken) {
  EXPECT_THAT(errors_of(from({{"refresh-lifetime", "1h"}})),
              ElementsAre(StartsWith("--refresh-lifetime: ")));
}

TEST(ConfigFile, SuggestsTheNearestKey) {
  EXPECT_THAT(
      errors_of(from({}, {}, "# one\nlog_levl = 'info'\n")),
      ElementsAre("'log_levl' (banter.toml line 2): no such setting; did you mean log_level?"));
  EXPECT_THAT(errors_of(from({}, {}, "log-level = 'info'")), ElementsAre(HasSubstr("log_level?")));
  EXPECT_THAT(errors_of(from({}, {}, "[server]\nport = 1")),
              ElementsAre(HasSubstr("no such setting")));
}

TEST(ConfigFile, KeepsKeysOutOfTheFile) {
  EXPECT_THAT(errors_of(from({}, {}, "secret_key = 'x'")),
              ElementsAre(HasSubstr("BANTER_SECRET_KEY in the environment")));
}

TEST(ConfigFile, ReadsNumbersTruthsAndLists) {
  const auto config = loaded(from({}, {}, R"(
    reactors = 2
    access_log = false
    allowed_hosts = ["a.example.com", "b.example.com"]
    throttle = "signup=10/min"
    body_bytes_max = "128KiB"
  )"));
  EXPECT_EQ(config.reactors, 2u);
  EXPECT_FALSE(config.access_log);
  EXPECT_THAT(config.allowed_hosts, ElementsAre("a.example.com", "b.example.com"));
  EXPECT_EQ(config.throttles.signup.count, 10u);
  EXPECT_EQ(config.limits.body_bytes_max, 131'072u);
}

TEST(ConfigFile, RefusesTypesThatNoSettingHas) {
  EXPECT_THAT(errors_of(from({}, {}, "reactors = 1.5\ndata = {a = 1}\nallowed_hosts = ['a,b']")),
              UnorderedElementsAre(StartsWith("'reactors' (banter.toml line 1): "),
                                   StartsWith("'data' (banter.toml line 2): "),
                                   StartsWith("'allowed_hosts' (banter.toml line 3): ")));
}

TEST(ConfigFile, NamesTheLineThatIsNotToml) {
  EXPECT_THAT(errors_of(from({}, {}, "reactors = 1\nlisten 127.0.0.1\n")),
              ElementsAre(StartsWith("banter.toml line 2: not TOML")));
}

TEST(ConfigScopes, LooksOnlyAtTheDataForAdministrators) {
  const auto sources =
      from({{"data", "/d"}}, {{"BANTER_LISTEN", "bad"}, {"BANTER_SECRET_KEY", "x"}});
  const auto result = load_config(sources, ConfigScope::data);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->config.data, "/d");
  EXPECT_EQ(result->config.secret_key, "");
}

TEST(ConfigTable, NamesEverySettingOnceAndReadsItsOwnDefaults) {
  std::vector<std::string> names;
  for (const auto& setting : settings()) {
    EXPECT_EQ(std::ranges::count(names, setting.name), 0) << setting.name;
    names.emplace_back(setting.name);
    Config config;
    const auto value = setting.show(Config{});
    if (value.empty()) {
      EXPECT_FALSE(setting.unset.empty()) << setting.name << " has no default to tell of";
      continue;
    }
    EXPECT_TRUE(setting.set(config, value)) << setting.name;
    EXPECT_EQ(setting.show(config), value) << setting.name;
  }
}

TEST(ConfigTable, GivesSecretsNoFlagAndNoKeyInTheFile) {
  for (const auto& setting : settings()) {
    EXPECT_EQ(setting.flag().empty(), setting.secret) << setting.name;
    EXPECT_EQ(setting.file_key().empty(), setting.secret) << setting.name;
  }
}

}  // namespace
}  // namespace banter::app
