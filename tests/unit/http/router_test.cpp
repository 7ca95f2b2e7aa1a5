#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view list = "/api/chat/conversations/list";

std::string request(std::string_view method, std::string_view path, std::string_view lines = {}) {
  std::string text(method);
  text.append(" ").append(path).append(" HTTP/1.1\r\nHost: a\r\n").append(lines).append("\r\n");
  return text;
}

TEST(Router, KnowsNoPathButItsOwn) {
  Rig rig;
  auto client = rig.connect();
  for (const auto* path : {"/nope",
                           "/healthz/",
                           "/healthz%00",
                           "/healthz;a=1",
                           "/METRICS",
                           "//healthz",
                           "/./healthz",
                           "/api/users/Login",
                           "/api/users/login/",
                           "/api",
                           "/api/chat/conversations/",
                           "/%2Fhealthz",
                           "/api/chat/conversations/1",
                           "/api/chat/conversations/1/history/",
                           "/assets",
                           "/wsdemo//",
                           "/api/chat/conversations//history",
                           "/api/chat/conversations/-1/history",
                           "/api/chat/conversations/+1/history",
                           "/api/chat/conversations/1.5/history",
                           "/api/chat/conversations/%D9%A1/history",
                           "/assets/../index.html",
                           "/assets/nope.js"}) {
    const auto reply = client.ask(request("GET", path));
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.body, R"({"detail":"Not found."})") << path;
    EXPECT_EQ(reply.header("allow"), "") << path;
  }
  EXPECT_EQ(client.ask(request("GET", "/%68ealthz")).status, 200) << "decoded once";
  EXPECT_EQ(client.ask(request("OPTIONS", "/nope")).status, 404);
  EXPECT_EQ(client.ask(request("OPTIONS", "*")).status, 404);
}

TEST(Router, ChecksTheTokenBeforeTheMethodAndTheBody) {
  Rig rig;
  auto client = rig.connect();
  const auto reply = client.ask(request("PUT", list));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.header("www-authenticate"), R"(Bearer realm="api")");
  EXPECT_EQ(reply.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.ask(post("/api/chat/conversations", "x", "Content-Type: text/plain\r\n")).status,
            401);
  EXPECT_EQ(client.ask(request("OPTIONS", list)).status, 401);
  const auto lines = bearer(rig.token(rig.add_user("a@example.com")));
  EXPECT_EQ(client.ask(request("PUT", list, lines)).body,
            R"({"detail":"Method \"PUT\" not allowed."})");
  EXPECT_EQ(client.ask(post("/api/chat/conversations", "x", lines + "Content-Type: text/plain\r\n"))
                .status,
            415);
}

TEST(Router, ReadsTheAuthorizationHeaderAsTheOriginalDid) {
  Rig rig;
  auto client = rig.connect();
  const auto token = rig.token(rig.add_user("a@example.com"));
  const auto ask = [&](const std::string& value) {
    return client.ask(request("GET", list, "Authorization: " + value + "\r\n"));
  };
  for (const auto& value : {"Bearer " + token, "Bearer\t" + token, "Bearer   " + token + "  "}) {
    EXPECT_EQ(ask(value).status, 200) << value;
  }
  for (const auto& value : {std::string(), "bearer " + token, "BEARER " + token, "Token " + token,
                            std::string("Basic YTpi"), "Bearer" + token}) {
    EXPECT_THAT(ask(value).body, HasSubstr("credentials were not provided")) << value;
  }
  for (const auto& value : {std::string("Bearer"), "Bearer " + token + " x"}) {
    EXPECT_THAT(ask(value).body, HasSubstr("bad_authorization_header")) << value;
  }
  EXPECT_THAT(ask("Bearer x.y.z").body, HasSubstr("token_not_valid"));
  EXPECT_EQ(client.ask(request("GET", std::string(list) + "?token=" + token)).status, 401);
}

TEST(Router, RefusesABadTokenEvenWhereNoneIsNeeded) {
  Rig rig;
  auto client = rig.connect();
  const std::string json = "Content-Type: application/json\r\n";
  EXPECT_EQ(client.ask(post("/api/users/login", "{}", json + bearer("bad"))).status, 401);
  EXPECT_EQ(client.ask(post("/api/users/signup", "{}", json + bearer("bad"))).status, 401);
  EXPECT_EQ(client.ask(post("/api/users/token", "{}", json + bearer("bad"))).status, 400);
  EXPECT_EQ(client.ask(request("GET", "/healthz", bearer("bad"))).status, 200);
}

TEST(Router, SaysWhatIsAllowed) {
  Rig rig;
  auto client = rig.connect();
  const auto login = client.ask(request("OPTIONS", "/api/users/login"));
  EXPECT_EQ(login.status, 200);
  EXPECT_EQ(login.header("allow"), "POST, OPTIONS");
  EXPECT_THAT(login.body, StartsWith(R"({"name":"Login",)"));
  const auto page = client.ask(request("OPTIONS", "/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(page.body, "");
  EXPECT_EQ(client.ask(request("DELETE", "/")).header("allow"), "GET, HEAD, OPTIONS");
  const auto head = client.ask(request("HEAD", "/api/users/login"));
  EXPECT_EQ(head.status, 405);
  EXPECT_EQ(head.header("allow"), "POST, OPTIONS");
  EXPECT_EQ(client.ask(request("TRACE", "/healthz")).status, 405);
}

TEST(Router, RefusesForeignHosts) {
  auto options = Rig::lifted();
  options.allowed_hosts = AllowedHosts({"chat.example.com"});
  Rig rig(options);
  auto client = rig.connect();
  EXPECT_EQ(client.ask("GET /healthz HTTP/1.1\r\nHost: chat.example.com\r\n\r\n").status, 200);
  const auto reply = client.ask("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, StartsWith(R"({"detail":)"));
  EXPECT_EQ(client.ask("GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n").status, 400);
}

TEST(Router, AnswersProbesAndScrapersUnderAnyHost) {
  auto options = Rig::lifted();
  options.allowed_hosts = AllowedHosts({"chat.example.com"});
  Rig rig(options);
  auto client = rig.connect();
  for (const std::string path : {"/livez", "/readyz", "/metrics"}) {
    EXPECT_EQ(client.ask("GET " + path + " HTTP/1.1\r\nHost: 10.1.2.3:8000\r\n\r\n").status, 200);
  }
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: 10.1.2.3:8000\r\n\r\n").status, 400);
}

// ---- throttles

Options with(Rates rates) {
  auto options = Rig::lifted();
  options.rates = rates;
  return options;
}

TEST(Router, ThrottlesAnonymousRequestsByAddressAcrossEndpoints) {
  auto rates = Rig::lifted().rates;
  rates.anonymous = {3};
  Rig rig(with(rates));
  auto client = rig.connect();
  EXPECT_EQ(client.ask(post("/api/users/signup", "{}")).status, 400);
  EXPECT_EQ(client.ask(request("OPTIONS", "/api/users/login")).status, 200);
  EXPECT_EQ(client.ask(request("GET", "/api/users/token")).status, 405);
  const auto reply = client.ask(post("/api/users/token/refresh", "{}"));
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.header("retry-after"), "60");
  EXPECT_EQ(reply.body, R"({"detail":"Request was throttled. Expected available in 60 seconds."})");
  EXPECT_EQ(reply.header("allow"), "POST, OPTIONS");
}

TEST(Router, NeverThrottlesProbesPagesAndMetrics) {
  auto rates = Rig::lifted().rates;
  rates.anonymous = rates.authenticated = {1};
  Rig rig(with(rates));
  auto client = rig.connect();
  for (int i = 0; i < 5; ++i) {
    for (const auto* path : {"/healthz", "/livez", "/readyz", "/metrics", "/", "/wsdemo/"}) {
      EXPECT_EQ(client.ask(request("GET", path)).status, 200) << path;
    }
  }
}

TEST(Router, DoesNotCountBadTokensAndUnknownPaths) {
  auto rates = Rig::lifted().rates;
  rates.anonymous = rates.authenticated = rates.conversations = {1};
  Rig rig(with(rates));
  auto client = rig.connect();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.ask(request("GET", list, bearer("bad"))).status, 401);
    EXPECT_EQ(client.ask(request("GET", "/nope")).status, 404);
  }
  EXPECT_EQ(client.ask(post("/api/users/login", "{}")).status, 400);
}

TEST(Router, CountsUsersByNumberAndSharesScopes) {
  auto rates = Rig::lifted().rates;
  rates.conversations = {2};
  Rig rig(with(rates));
  const auto first = bearer(rig.token(rig.add_user("a@example.com")));
  const auto second = bearer(rig.token(rig.add_user("b@example.com")));
  const std::string json = "Content-Type: application/json\r\n";
  auto client = rig.connect();
  EXPECT_EQ(client.ask(request("GET", list, first)).status, 200);
  EXPECT_EQ(client.ask(post("/api/chat/conversations", "{}", json + first)).status, 200);
  EXPECT_EQ(client.ask(request("GET", list, first)).status, 429);
  EXPECT_EQ(client.ask(request("GET", list, second)).status, 200);
}

TEST(Router, CountsLoginAndTokenTogetherByAddress) {
  auto rates = Rig::lifted().rates;
  rates.login = {2};
  Rig rig(with(rates));
  auto client = rig.connect();
  EXPECT_EQ(client.ask(post("/api/users/login", "{}")).status, 400);
  EXPECT_EQ(client.ask(post("/api/users/token", "{}")).status, 400);
  EXPECT_EQ(client.ask(post("/api/users/login", "{}")).status, 429);
  EXPECT_EQ(client.ask(post("/api/users/token/refresh", "{}")).status, 400);
}

TEST(Router, CountsFailedLoginsOfAnAccountThatDoesNotExistAlike) {
  auto rates = Rig::lifted().rates;
  rates.login_failures = {2};
  Rig rig(with(rates));
  auto client = rig.connect();
  const auto guess = [&](const std::string& email) {
    return client
        .ask(post("/api/users/login", R"({"email":")" + email + R"(","password":"Pass1243!"})"))
        .status;
  };
  EXPECT_EQ(guess("a@example.com"), 400);
  EXPECT_EQ(guess("A@example.com"), 400);
  EXPECT_EQ(guess("a@example.com"), 429);
  EXPECT_EQ(guess("b@example.com"), 400);
  EXPECT_EQ(
      client.ask(post("/api/users/token", R"({"username":"a@example.com","password":"Pass1243!"})"))
          .status,
      429);
}

TEST(Router, CountsFailuresOfAnAccountOverAllAddresses) {
  auto rates = Rig::lifted().rates;
  rates.login_failures = {5};
  rates.account_failures = {2};
  auto options = with(rates);
  ASSERT_TRUE(options.trusted_proxies.add("::/128"));
  Rig rig(options);
  auto client = rig.connect();
  const auto guess = [&](const std::string& address) {
    return client
        .ask(post("/api/users/login", R"({"email":"a@example.com","password":"Pass1243!"})",
                  "Content-Type: application/json\r\nX-Forwarded-For: " + address + "\r\n"))
        .status;
  };
  EXPECT_EQ(guess("1.1.1.1"), 400);
  EXPECT_EQ(guess("2.2.2.2"), 400);
  EXPECT_EQ(guess("3.3.3.3"), 429);
}

TEST(Router, DoesNotCountLoginsThatSucceed) {
  auto rates = Rig::lifted().rates;
  rates.login_failures = rates.account_failures = {1};
  Rig rig(with(rates));
  auto client = rig.connect();
  ASSERT_EQ(client
                .ask(post("/api/users/signup",
                          R"({"first_name":"A","last_name":"B","email":"a@example.com",)"
                          R"("password":"Pass1243!"})"))
                .status,
            201);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        client.ask(post("/api/users/login", R"({"email":"a@example.com","password":"Pass1243!"})"))
            .status,
        200);
  }
}

}  // namespace
}  // namespace banter::http
