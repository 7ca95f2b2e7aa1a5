#include "http/client_address.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace banter::http {
namespace {

TrustedProxies trusting(std::initializer_list<std::string_view> networks) {
  TrustedProxies proxies;
  for (const auto network : networks) EXPECT_TRUE(proxies.add(network)) << network;
  return proxies;
}

std::string client(std::string_view peer, std::vector<std::string_view> lines,
                   const TrustedProxies& trusted) {
  return to_text(client_address(*parse_address(peer), lines, trusted));
}

const auto inner = trusting({"10.0.0.0/8", "fd00::/8"});

TEST(ClientAddress, BelievesNobodyUnlessConfigured) {
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1"}, {}), "10.0.0.1");
  EXPECT_EQ(client("9.9.9.9", {"1.1.1.1"}, inner), "9.9.9.9");
}

TEST(ClientAddress, IsTheRightMostThatIsNoProxy) {
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6, 1.1.1.1"}, inner), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6, 1.1.1.1,10.2.3.4 , 10.0.0.9"}, inner), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6", "1.1.1.1"}, inner), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1", "10.0.0.2"}, inner), "1.1.1.1");
}

TEST(ClientAddress, OfNothingButProxiesIsTheFirst) {
  EXPECT_EQ(client("10.0.0.1", {}, inner), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}, inner), "10.0.0.3");
}

TEST(ClientAddress, ReadsPortsAndIpv6) {
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1:5678"}, inner), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"2001:db8::1"}, inner), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::1]"}, inner), "2001:db8::1");
  EXPECT_EQ(client("fd00::1", {"2001:db8::1, [fd12::7]:443"}, inner), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", {"::ffff:1.1.1.1"}, inner), "1.1.1.1");
}

TEST(ClientAddress, StopsAtGarbage) {
  for (const auto* garbage : {"",
                              " ",
                              "unknown",
                              "_hidden",
                              "1.1.1",
                              "1.1.1.1.1",
                              "1.1.1.256",
                              "01.1.1.1x",
                              "1.1.1.1:",
                              "1.1.1.1:99999999",
                              "1.1.1.1:x",
                              "[1.1.1.1]",
                              "[::1",
                              "::1]",
                              "[::1]x",
                              "[::1]:",
                              "fe80::1%eth0",
                              "1.1.1.1 2.2.2.2",
                              "for=1.1.1.1",
                              "\"1.1.1.1\""}) {
    EXPECT_EQ(client("10.0.0.1", {garbage}, inner), "10.0.0.1") << garbage;
    EXPECT_EQ(client("10.0.0.1", {std::string("6.6.6.6,") + garbage}, inner), "10.0.0.1")
        << garbage;
  }
  EXPECT_EQ(client("10.0.0.1", {"6.6.6.6, garbage, 10.0.0.7"}, inner), "10.0.0.7");
}

TEST(ClientAddress, ReadsABoundedNumberOfEntries) {
  std::string line = "6.6.6.6";
  for (int i = 0; i < 1000; ++i) line += ",10.0.0.2";
  EXPECT_EQ(client("10.0.0.1", {line}, inner), "10.0.0.2");
}

TEST(TrustedProxies, CutNetworksAtAnyBit) {
  const auto proxies = trusting({"192.168.4.0/22", "2001:db8:8000::/33", "7.7.7.7", "::1"});
  const auto contains = [&](std::string_view text) {
    return proxies.contains(*parse_address(text));
  };
  EXPECT_TRUE(contains("192.168.7.255"));
  EXPECT_FALSE(contains("192.168.8.0"));
  EXPECT_FALSE(contains("192.168.3.255"));
  EXPECT_TRUE(contains("2001:db8:ffff::"));
  EXPECT_FALSE(contains("2001:db8:7fff::"));
  EXPECT_TRUE(contains("7.7.7.7"));
  EXPECT_FALSE(contains("7.7.7.6"));
  EXPECT_TRUE(contains("::ffff:7.7.7.7"));
  EXPECT_TRUE(contains("::1"));
  EXPECT_TRUE(trusting({"0.0.0.0/0"}).contains(*parse_address("1.2.3.4")));
  EXPECT_FALSE(trusting({"0.0.0.0/0"}).contains(*parse_address("::1")));
}

TEST(TrustedProxies, RefuseWhatIsNoNetwork) {
  TrustedProxies proxies;
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                           "10.0.0.0/8x", "10.0.0.0/8/8", "localhost", "10.0.0/8"}) {
    EXPECT_FALSE(proxies.add(text)) << text;
  }
  EXPECT_TRUE(proxies.empty());
}

TEST(ThrottleIdentity, IsTheAddressOrItsIpv6Network) {
  EXPECT_EQ(throttle_identity(*parse_address("1.2.3.4")), "1.2.3.4");
  EXPECT_EQ(throttle_identity(*parse_address("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
  EXPECT_EQ(throttle_identity(*parse_address("2001:db8:1:2:ffff::")), "2001:db8:1:2::/64");
}

}  // namespace
}  // namespace banter::http
