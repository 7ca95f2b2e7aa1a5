#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/process_metrics.hpp"
#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

using testing::HasSubstr;

TEST(Probes, TellALostStoreFromALostProcess) {
  Rig rig(Rig::lifted(), {.fault = {}, .healthy = [] { return false; }});
  auto client = rig.connect();
  const auto health = client.ask(get("/healthz"));
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.body, R"({"ok":false,"db":false,"draining":false,"durability":"single"})");
  EXPECT_EQ(client.ask(get("/readyz")).status, 503);
  EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

TEST(Probes, SayThatADrainingNodeIsNotReady) {
  Rig rig;
  auto first = rig.connect();
  auto second = rig.connect();
  first.send("GET /readyz");
  second.send("GET /healthz");
  rig.settle();
  rig.connections().drain();
  const std::string_view rest = " HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(first.ask(rest).status, 503);
  EXPECT_EQ(second.ask(rest).body,
            R"({"ok":true,"db":true,"draining":true,"durability":"single"})");
}

TEST(Metrics, CountUnderTheNamesOfTheOriginal) {
  Rig rig;
  auto client = rig.connect();
  client.ask(get("/healthz", "X-Requested-With: XMLHttpRequest\r\n"));
  client.ask(post("/api/users/login", "{}"));
  client.ask(get("/nope"));
  client.ask(get("/"));
  const auto reply = client.ask(get("/metrics"));
  EXPECT_EQ(reply.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const auto* sample : {
           "django_http_requests_before_middlewares_total 4\n",
           "django_http_responses_before_middlewares_total 4\n",
           "django_http_ajax_requests_total 1\n",
           "django_http_requests_total_by_method_total{method=\"GET\"} 3\n",
           "django_http_requests_total_by_method_total{method=\"POST\"} 1\n",
           "django_http_requests_total_by_transport_total{transport=\"http\"} 4\n",
           "django_http_responses_total_by_status_total{status=\"400\"} 1\n",
           "django_http_responses_total_by_status_total{status=\"404\"} 1\n",
           "django_http_responses_total_by_templatename_total{templatename=\"None\"} 3\n",
           "django_http_responses_total_by_templatename_total{templatename=\"['index.html']\"} 1\n",
           "django_http_responses_total_by_charset_total{charset=\"utf-8\"} 4\n",
           "django_http_requests_body_total_bytes_bucket{le=\"1.048576e+06\"} 4\n",
           "django_http_responses_body_total_bytes_count 4\n",
           "django_http_requests_latency_including_middlewares_seconds_bucket{le=\"0.025\"}",
           "django_http_requests_total_by_method_created{method=\"GET\"} 1",
           "banter_http_connections 1\n",
       }) {
    EXPECT_THAT(reply.body, HasSubstr(sample));
  }
  // Labels stand in the order of their names.
  EXPECT_THAT(reply.body,
              HasSubstr("django_http_requests_total_by_view_transport_method_total{method=\"POST\","
                        "transport=\"http\",view=\"users.views.LoginView\"} 1\n"));
  EXPECT_THAT(reply.body,
              HasSubstr("django_http_responses_total_by_status_view_method_total{method=\"GET\","
                        "status=\"404\",view=\"<unnamed view>\"} 1\n"));
  EXPECT_THAT(reply.body, HasSubstr("django_http_requests_latency_seconds_by_view_method_count{"
                                    "method=\"GET\",view=\"chat.views.HealthView\"} 1\n"));
}

TEST(Metrics, CountWhatCouldNotBeRead) {
  Rig rig;
  rig.connect().ask("rubbish\n");
  rig.connect().ask("FOO / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto text = rig.registry.text();
  EXPECT_THAT(text, HasSubstr("banter_http_unreadable_requests_total{status=\"400\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("django_http_requests_before_middlewares_total 0\n"));
}

TEST(ProcessMetrics, AreLookedUpWhenScraped) {
  base::Metrics registry;
  add_process_metrics(registry);
  const auto text = registry.text();
  for (const auto* name : {"process_virtual_memory_bytes ", "process_resident_memory_bytes ",
                           "process_start_time_seconds ", "process_open_fds ", "process_max_fds ",
                           "process_cpu_seconds_total "}) {
    const auto at = text.find(std::string("\n") + name);
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(std::stod(text.substr(at + 1 + std::string(name).size())), 0) << name;
  }
}

}  // namespace
}  // namespace banter::http
