// The metrics of HTTP. Families, names, labels and buckets are those that the replaced system
// recorded (contract, section 6), so that dashboards go on; what is only Banter's begins with
// banter_. One per process, used from all reactors; children are looked up once and kept.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "http/method.hpp"
#include "http/router.hpp"

namespace banter::http {

class Metrics {
 public:
  explicit Metrics(base::Metrics& registry);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  struct Observation {
    const Route& route;
    Method method = Method::get;
    unsigned status = 200;
    std::size_t request_bytes = 0;   // of the body
    std::size_t response_bytes = 0;  // of the body
    double seconds = 0;
    bool ajax = false;
    std::string_view template_name = "None";
  };
  void answered(const Observation& observation);
  void exception(std::string_view view, std::string_view type);

  // A request that could not be read, and what it was answered.
  void unreadable(unsigned status);
  // 101, or the status of the refusal.
  void upgrade_answered(unsigned status);
  void connection_opened() { connections_.Increment(); }
  void connection_closed() { connections_.Decrement(); }
  void connection_refused() { refused_.Increment(); }
  void accept_failed() { accept_failures_.Increment(); }

 private:
  using Counter = prometheus::Counter;
  using Histogram = prometheus::Histogram;

  Counter& counter(const std::string& name, const std::string& help,
                   const base::Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help,
                       const std::vector<double>& buckets, const base::Labels& labels = {});
  Counter& by_template(std::string_view name);
  void mark_created(std::string name, const base::Labels& labels);
  template <class Metric, class Make>
  Metric& once(std::atomic<Metric*>& place, Make make);

  static constexpr std::size_t status_count = 20;
  struct PerMethod {
    std::atomic<Counter*> requests{nullptr};
    std::atomic<Histogram*> latency{nullptr};
    std::array<std::atomic<Counter*>, status_count> responses{};
  };

  base::Metrics& registry_;
  Counter& requests_;
  Counter& responses_;
  Counter& ajax_;
  Counter& transport_;
  Counter& charset_;
  Counter& no_template_;
  Histogram& latency_;
  Histogram& request_bytes_;
  Histogram& response_bytes_;
  prometheus::Gauge& connections_;
  Counter& refused_;
  Counter& accept_failures_;
  std::array<std::atomic<Counter*>, method_count> by_method_{};
  std::array<std::atomic<Counter*>, status_count> by_status_{};
  std::vector<std::array<PerMethod, method_count>> by_route_;
};

}  // namespace banter::http
