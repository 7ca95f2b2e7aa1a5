// The registry of the process's metrics. Owned by app; each part asks once, in its constructor, for
// the counters it needs and keeps the references: never look one up per event. Updates are atomic,
// from any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace banter::base {

using Labels = std::map<std::string, std::string>;

class Metrics {
 public:
  // One family per name; asking again with other labels adds a child, with the same labels returns
  // the same one. Labels never come from what clients send.
  [[nodiscard]] prometheus::Counter& counter(const std::string& name, const std::string& help,
                                             const Labels& labels = {});
  [[nodiscard]] prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                                         const Labels& labels = {});
  [[nodiscard]] prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                                 const std::vector<double>& buckets,
                                                 const Labels& labels = {});
  // Runs before every scrape, on the scraping thread: for values that are only worth looking up
  // then.
  void before_scrape(std::function<void()> update);

  // Prometheus text format 0.0.4.
  [[nodiscard]] std::string text();

 private:
  prometheus::Registry registry_;
  std::mutex mutex_;
  std::vector<std::function<void()>> updates_;
};

}  // namespace banter::base
