#include "http/listener.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

Listener::Options on_any_port() {
  Listener::Options options;
  options.port = 0;
  return options;
}

TEST(Listener, PicksAPortAndAccepts) {
  Rig rig;
  Listener listener(rig.reactor(), on_any_port(), {&rig.connections()}, rig.metrics());
  listener.start();
  EXPECT_NE(listener.port(), 0);
  EXPECT_EQ(listener.address(), "127.0.0.1");
  Client client(rig, connect_to(listener.port()));
  EXPECT_EQ(client.ask(get("/livez")).status, 200);
  listener.stop();
}

TEST(Listener, ResolvesNames) {
  Rig rig;
  auto options = on_any_port();
  options.host = "localhost";
  Listener listener(rig.reactor(), options, {&rig.connections()}, rig.metrics());
  EXPECT_THAT(listener.address(), testing::AnyOf("127.0.0.1", "::1"));
  options.host = "no such host";
  EXPECT_ANY_THROW(Listener(rig.reactor(), options, {&rig.connections()}, rig.metrics()));
}

TEST(Listener, RefusesAPortThatIsTaken) {
  Rig rig;
  Listener first(rig.reactor(), on_any_port(), {&rig.connections()}, rig.metrics());
  auto options = on_any_port();
  options.port = first.port();
  EXPECT_ANY_THROW(Listener(rig.reactor(), options, {&rig.connections()}, rig.metrics()));
}

TEST(Listener, DealsConnectionsToAllReactorsInTurn) {
  Rig first;
  Rig second;
  Listener listener(first.reactor(), on_any_port(), {&first.connections(), &second.connections()},
                    first.metrics());
  listener.start();
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) clients.emplace_back(first, connect_to(listener.port()));
  while (first.connections().count() < 2) first.turn();
  while (second.connections().count() < 2) second.turn();
  EXPECT_EQ(first.connections().count(), 2U);
  EXPECT_EQ(second.connections().count(), 2U);
  listener.stop();
}

TEST(Listener, TurnsAwayWhatIsTooMuch) {
  Rig rig;
  auto options = on_any_port();
  options.connections_max = 0;
  Listener listener(rig.reactor(), options, {&rig.connections()}, rig.metrics());
  listener.start();
  Client client(rig, connect_to(listener.port()));
  const auto reply = client.receive();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_EQ(rig.connections().count(), 0U);
  EXPECT_THAT(rig.registry.text(), testing::HasSubstr("banter_http_connections_refused_total 1\n"));
  listener.stop();
}

TEST(Listener, GoesOnWhenDescriptorsRanOut) {
  Rig rig;
  Listener listener(rig.reactor(), on_any_port(), {&rig.connections()}, rig.metrics());
  listener.start();
  Client client(rig, connect_to(listener.port()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int free = ::socket(AF_INET, SOCK_STREAM, 0);  // the lowest that is not in use
  ::close(free);
  const rlimit exhausted{.rlim_cur = static_cast<rlim_t>(free), .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &exhausted), 0);
  auto& failures = rig.registry.counter("banter_http_accept_failures_total", "");
  while (failures.Value() == 0) rig.turn();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(client.ask(get("/livez")).status, 200) << "after a pause";
  listener.stop();
}

TEST(Listener, AcceptsNoMoreOnceStopped) {
  Rig rig;
  Listener listener(rig.reactor(), on_any_port(), {&rig.connections()}, rig.metrics());
  listener.start();
  const auto port = listener.port();
  listener.stop();
  EXPECT_EQ(connect_to(port), -1);
}

}  // namespace
}  // namespace banter::http
