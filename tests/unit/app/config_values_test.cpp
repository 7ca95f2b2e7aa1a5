#include "app/config_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_names.hpp"
#include "app/config_words.hpp"

namespace banter::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(ConfigNumber, TakesOnlyDigitsWithinItsBounds) {
  EXPECT_EQ(parse_number(" 42 ", 1, 256), 42u);
  for (const auto* bad :
       {"", "0", "257", "-1", "+1", "1.0", "0x1", "1e2", "18446744073709551616"}) {
    EXPECT_FALSE(parse_number(bad, 1, 256)) << bad;
  }
}

TEST(ConfigBytes, TakesUnits) {
  EXPECT_EQ(parse_bytes("65536", 1, 1 << 20), 65'536u);
  EXPECT_EQ(parse_bytes("64KiB", 1, 1 << 20), 65'536u);
  EXPECT_EQ(parse_bytes("64 k", 1, 1 << 20), 65'536u);
  EXPECT_EQ(parse_bytes("1MiB", 1, 1 << 20), 1'048'576u);
  for (const auto* bad : {"", "KiB", "2MiB", "1GiB", "-1", "1.5KiB", "99999999999999999999k"}) {
    EXPECT_FALSE(parse_bytes(bad, 1, 1 << 20)) << bad;
  }
}

TEST(ConfigDuration, TakesUnits) {
  EXPECT_EQ(parse_duration("90s", 1s, 24h * 30), 90s);
  EXPECT_EQ(parse_duration("43200", 1s, 24h * 30), 12h);
  EXPECT_EQ(parse_duration("15m", 1s, 24h * 30), 15min);
  EXPECT_EQ(parse_duration("12h", 1s, 24h * 30), 12h);
  EXPECT_EQ(parse_duration("7d", 1s, 24h * 30), 168h);
  for (const auto* bad : {"", "0", "h", "31d", "1y", "-5m", "999999999999999d"}) {
    EXPECT_FALSE(parse_duration(bad, 1s, 24h * 30)) << bad;
  }
}

TEST(ConfigSwitch, TakesTheUsualWords) {
  for (const auto* yes : {"on", "true", "YES", "1"}) EXPECT_EQ(parse_switch(yes), true) << yes;
  for (const auto* no : {"off", "False", "no", "0"}) EXPECT_EQ(parse_switch(no), false) << no;
  EXPECT_FALSE(parse_switch("perhaps"));
  EXPECT_FALSE(parse_switch(""));
}

TEST(ConfigRate, TakesACountPerTime) {
  EXPECT_EQ(parse_rate("5/10s")->count, 5u);
  EXPECT_EQ(parse_rate("5/10s")->window, 10s);
  EXPECT_EQ(parse_rate("120/min")->window, 60s);
  EXPECT_EQ(parse_rate("3/h")->window, 3600s);
  EXPECT_EQ(parse_rate("OFF")->count, 0u);
  for (const auto* bad : {"", "5", "5/", "/10s", "0/10s", "5/0s", "5/week", "5/2d", "five/min"}) {
    EXPECT_FALSE(parse_rate(bad)) << bad;
  }
}

TEST(ConfigThrottles, KeepsTheDefaultOfScopesLeftOut) {
  const auto throttles = parse_throttles("signup=10/min, messages-read=off,user=1/s");
  ASSERT_TRUE(throttles);
  EXPECT_EQ(throttles->signup.count, 10u);
  EXPECT_EQ(throttles->messages_read.count, 0u);
  EXPECT_EQ(throttles->authenticated.window, 1s);
  EXPECT_EQ(throttles->login.count, 5u);
  EXPECT_EQ(throttles->anonymous.count, 20u);
}

TEST(ConfigThrottles, LiftsAllWithOneWord) {
  const auto throttles = parse_throttles("off");
  ASSERT_TRUE(throttles);
  for (const auto& rate :
       {throttles->signup, throttles->login, throttles->login_failures, throttles->account_failures,
        throttles->conversations, throttles->messages_read, throttles->anonymous,
        throttles->authenticated}) {
    EXPECT_EQ(rate.count, 0u);
  }
}

TEST(ConfigThrottles, NamesTheScopesItKnows) {
  const auto wrong = parse_throttles("sign-up=2/min");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error(), HasSubstr("signup, login"));
  EXPECT_FALSE(parse_throttles("signup"));
  EXPECT_THAT(parse_throttles("signup=lots").error(), testing::StartsWith("signup: "));
}

TEST(ConfigEndpoint, TakesNamesAndAddresses) {
  const auto endpoint = [](std::string_view text) {
    const auto parsed = parse_endpoint(text);
    return parsed ? show(*parsed) : "refused";
  };
  EXPECT_EQ(endpoint("127.0.0.1:8000"), "127.0.0.1:8000");
  EXPECT_EQ(endpoint("[::1]:0"), "[::1]:0");
  EXPECT_EQ(endpoint("localhost:65535"), "localhost:65535");
  EXPECT_EQ(endpoint(":8000"), "0.0.0.0:8000");
  for (const auto* bad : {"", "8000", "127.0.0.1", "127.0.0.1:", "a:65536", "::1:8000", "[::1:8000",
                          "[127.0.0.1]:1", "a b:1", "http://a:1", "[]:1"}) {
    EXPECT_EQ(endpoint(bad), "refused") << bad;
  }
}

TEST(ConfigLists, DropWhiteSpaceAndEmptyEntries) {
  EXPECT_THAT(split_list(" a, b ,,c,"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list(""), ElementsAre());
}

TEST(ConfigHosts, AreNamesWithoutSchemeAndPort) {
  EXPECT_THAT(*parse_hosts("Chat.Example.com,.example.org,*,[::1]"),
              ElementsAre("chat.example.com", ".example.org", "*", "[::1]"));
  for (const auto* bad : {"https://a", "a:80", "a b", "a/b"}) EXPECT_FALSE(parse_hosts(bad)) << bad;
}

TEST(ConfigOrigins, HaveASchemeAndNoPath) {
  EXPECT_THAT(
      *parse_origins("https://Chat.example.com, http://localhost:3000,http://[::1]:1,*"),
      ElementsAre("https://chat.example.com", "http://localhost:3000", "http://[::1]:1", "*"));
  EXPECT_TRUE(parse_origins("https://[::1]"));
  for (const auto* bad :
       {"chat.example.com", "https://a/b", "https://", "ftp://a", "https://:80", "https://a:b"}) {
    EXPECT_FALSE(parse_origins(bad)) << bad;
  }
}

TEST(ConfigNetworks, AreAddressesOrPrefixes) {
  EXPECT_THAT(*parse_networks("10.0.0.0/8, ::1, 127.0.0.1"),
              ElementsAre("10.0.0.0/8", "::1", "127.0.0.1"));
  for (const auto* bad : {"10.0.0.0/33", "proxy", "10.0.0", "::/129"}) {
    EXPECT_FALSE(parse_networks(bad)) << bad;
  }
}

TEST(ConfigLog, KnowsItsLevelsAndFormats) {
  EXPECT_EQ(parse_log_level("WARN"), log::Level::warn);
  EXPECT_EQ(parse_log_level("off"), log::Level::off);
  EXPECT_FALSE(parse_log_level("verbose"));
  EXPECT_EQ(parse_log_format("json"), log::Format::json);
  EXPECT_FALSE(parse_log_format("xml"));
}

TEST(ConfigWords, QuoteForATerminal) {
  EXPECT_EQ(in_quotes("a\x1b[2J\n\xff"),
            "'a?[2J?"
            "?'");
  EXPECT_LT(in_quotes(std::string(10'000, 'x')).size(), 80u);
}

TEST(ConfigWords, FindTheNearestName) {
  const std::vector<std::string> names{"listen", "data", "log_level"};
  EXPECT_EQ(nearest("lsiten", names), "listen");
  EXPECT_EQ(nearest("loglevel", names), "log_level");
  EXPECT_EQ(nearest("postgres", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), names), "");
}

}  // namespace
}  // namespace banter::app
