#include "http/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace banter::http {
namespace {

// Recorded from the replaced system, in seconds and bytes.
const std::vector<double> latency_buckets = {.01, .025, .05, .075, .1, .25, .5, .75,
                                             1,   2.5,  5,   7.5,  10, 25,  50, 75};
std::vector<double> byte_buckets() {
  std::vector<double> buckets = {0};
  for (double bytes = 1; bytes <= 536'870'912; bytes *= 2) buckets.push_back(bytes);
  return buckets;
}

// Every status an answer can have; the place is the index of its counters.
constexpr std::array<unsigned, 20> statuses = {200, 201, 301, 304, 400, 401, 403, 404, 405, 408,
                                               413, 415, 426, 429, 431, 500, 501, 503, 505, 0};

std::size_t index_of(unsigned status) {
  const auto found = std::ranges::find(statuses, status);
  return found == statuses.end() ? statuses.size() - 1
                                 : static_cast<std::size_t>(found - statuses.begin());
}

}  // namespace

Metrics::Metrics(base::Metrics& registry)
    : registry_(registry),
      requests_(counter("django_http_requests_before_middlewares_total",
                        "Total count of requests before middlewares run.")),
      responses_(counter("django_http_responses_before_middlewares_total",
                         "Total count of responses before middlewares run.")),
      ajax_(counter("django_http_ajax_requests_total", "Count of AJAX requests.")),
      transport_(counter("django_http_requests_total_by_transport_total",
                         "Count of requests by transport.", {{"transport", "http"}})),
      charset_(counter("django_http_responses_total_by_charset_total",
                       "Count of responses by charset.", {{"charset", "utf-8"}})),
      no_template_(by_template("None")),
      latency_(histogram("django_http_requests_latency_including_middlewares_seconds",
                         "Time from the whole request read to the response written.",
                         latency_buckets)),
      request_bytes_(histogram("django_http_requests_body_total_bytes", "Size of request bodies.",
                               byte_buckets())),
      response_bytes_(histogram("django_http_responses_body_total_bytes",
                                "Size of response bodies.", byte_buckets())),
      connections_(registry.gauge("banter_http_connections",
                                  "Open connections that speak HTTP (sockets are counted apart).")),
      refused_(registry.counter("banter_http_connections_refused_total",
                                "Connections answered 503 because too many were open.")),
      accept_failures_(registry.counter("banter_http_accept_failures_total",
                                        "Failures of accept(), such as too few descriptors.")),
      by_route_(routes().size()) {
  counter("django_http_requests_unknown_latency_including_middlewares_total",
          "Requests whose latency was not measured.");
  counter("django_http_requests_unknown_latency_total", "Requests whose latency was not measured.");
  counter("django_http_responses_streaming_total", "Count of streaming responses.");
}

Metrics::Counter& Metrics::counter(const std::string& name, const std::string& help,
                                   const base::Labels& labels) {
  auto& made = registry_.counter(name, help, labels);
  mark_created(name.substr(0, name.size() - std::string_view("_total").size()), labels);
  return made;
}

Metrics::Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                                       const std::vector<double>& buckets,
                                       const base::Labels& labels) {
  auto& made = registry_.histogram(name, help, buckets, labels);
  mark_created(name, labels);
  return made;
}

void Metrics::mark_created(std::string name, const base::Labels& labels) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  auto& gauge =
      registry_.gauge(name + "_created", "When the series began, in Unix seconds.", labels);
  if (gauge.Value() == 0) gauge.Set(now.count());
}

// Two reactors may make the same child at once: the registry gives both the same one.
template <class Metric, class Make>
Metric& Metrics::once(std::atomic<Metric*>& place, Make make) {
  auto* metric = place.load(std::memory_order_acquire);
  if (metric == nullptr) {
    metric = &make();
    place.store(metric, std::memory_order_release);
  }
  return *metric;
}

void Metrics::answered(const Observation& observation) {
  // Only made for the first of a kind.
  const auto view = [&] { return std::string(observation.route.view); };
  const auto method = [&] { return std::string(name_of(observation.method)); };
  const auto status = [&] { return std::to_string(observation.status); };
  const auto place = static_cast<std::size_t>(&observation.route - routes().data());
  const auto method_place = static_cast<std::size_t>(observation.method);
  const auto status_place = index_of(observation.status);
  auto& children = by_route_[place][method_place];

  requests_.Increment();
  responses_.Increment();
  transport_.Increment();
  charset_.Increment();
  if (observation.ajax) ajax_.Increment();
  (observation.template_name == "None" ? no_template_ : by_template(observation.template_name))
      .Increment();
  latency_.Observe(observation.seconds);
  request_bytes_.Observe(static_cast<double>(observation.request_bytes));
  response_bytes_.Observe(static_cast<double>(observation.response_bytes));
  once(by_method_[method_place], [&]() -> Counter& {
    return counter("django_http_requests_total_by_method_total", "Count of requests by method.",
                   {{"method", method()}});
  }).Increment();
  once(by_status_[status_place], [&]() -> Counter& {
    return counter("django_http_responses_total_by_status_total", "Count of responses by status.",
                   {{"status", status()}});
  }).Increment();
  once(children.requests, [&]() -> Counter& {
    return counter("django_http_requests_total_by_view_transport_method_total",
                   "Count of requests by view, transport, method.",
                   {{"view", view()}, {"transport", "http"}, {"method", method()}});
  }).Increment();
  once(children.responses[status_place], [&]() -> Counter& {
    return counter("django_http_responses_total_by_status_view_method_total",
                   "Count of responses by status, view, method.",
                   {{"status", status()}, {"view", view()}, {"method", method()}});
  }).Increment();
  once(children.latency, [&]() -> Histogram& {
    return histogram("django_http_requests_latency_seconds_by_view_method",
                     "Request latency by view and method.", latency_buckets,
                     {{"view", view()}, {"method", method()}});
  }).Observe(observation.seconds);
}

// Pages only: rare enough to be looked up.
Metrics::Counter& Metrics::by_template(std::string_view name) {
  return counter("django_http_responses_total_by_templatename_total",
                 "Count of responses by template name.", {{"templatename", std::string(name)}});
}

void Metrics::exception(std::string_view view, std::string_view type) {
  counter("django_http_exceptions_total_by_type_total", "Count of exceptions by object type.",
          {{"type", std::string(type)}})
      .Increment();
  counter("django_http_exceptions_total_by_view_total", "Count of exceptions by view.",
          {{"view", std::string(view)}})
      .Increment();
}

void Metrics::unreadable(unsigned status) {
  registry_
      .counter("banter_http_unreadable_requests_total",
               "Requests that could not be read, by what they were answered.",
               {{"status", std::to_string(status)}})
      .Increment();
}

void Metrics::upgrade_answered(unsigned status) {
  registry_
      .counter("banter_http_upgrades_total", "WebSocket handshakes by the status of the answer.",
               {{"status", std::to_string(status)}})
      .Increment();
}

}  // namespace banter::http
