// The text format is written here and not by prometheus-cpp, because bucket bounds are labels: they
// must be spelled as the replaced system's Python client spells them ("1.0", "1.048576e+06"), or
// recorded series would not continue.
#include "base/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/metric_family.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

namespace banter::base {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// floatToGoString() of the Python client: a decimal point always, an exponent from 1e6 on.
std::string bound(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value < 1e6) {
    auto text = fmt::format("{}", value);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  auto digits = fmt::format("{:.16e}", value);
  for (int precision = 0; precision < 16; ++precision) {
    auto shorter = fmt::format("{:.{}e}", value, precision);
    if (std::stod(shorter) == value) {
      digits = std::move(shorter);
      break;
    }
  }
  return digits;
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   const ClientMetric& metric, std::string_view value, std::string_view le = {}) {
  out.append(name).append(suffix);
  char before = '{';
  for (const auto& label : metric.label) {
    out += before;
    out.append(label.name).append("=\"");
    append_escaped(out, label.value, true);
    out += '"';
    before = ',';
  }
  if (!le.empty()) {
    out += before;
    out.append("le=\"").append(le).append("\"");
    before = ',';
  }
  if (before == ',') out += '}';
  out.append(" ").append(value).append("\n");
}

void append_histogram(std::string& out, std::string_view name, const ClientMetric& metric) {
  const auto& histogram = metric.histogram;
  bool infinite = false;
  for (const auto& bucket : histogram.bucket) {
    infinite = infinite || std::isinf(bucket.upper_bound);
    append_sample(out, name, "_bucket", metric, fmt::format("{}", bucket.cumulative_count),
                  bound(bucket.upper_bound));
  }
  const auto count = fmt::format("{}", histogram.sample_count);
  if (!infinite) append_sample(out, name, "_bucket", metric, count, "+Inf");
  append_sample(out, name, "_count", metric, count);
  append_sample(out, name, "_sum", metric, number(histogram.sample_sum));
}

std::string_view type_of(const MetricFamily& family) {
  switch (family.type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Histogram:
      return "histogram";
    default:
      return "untyped";
  }
}

void append_family(std::string& out, const MetricFamily& family) {
  out.append("# HELP ").append(family.name).append(" ");
  append_escaped(out, family.help, false);
  out.append("\n# TYPE ").append(family.name).append(" ").append(type_of(family)).append("\n");
  for (const auto& metric : family.metric) {
    switch (family.type) {
      case MetricType::Counter:
        append_sample(out, family.name, "", metric, number(metric.counter.value));
        break;
      case MetricType::Gauge:
        append_sample(out, family.name, "", metric, number(metric.gauge.value));
        break;
      case MetricType::Histogram:
        append_histogram(out, family.name, metric);
        break;
      default:
        break;  // Metrics makes no other kind
    }
  }
}

}  // namespace

// Registering a family again gives the one that is there (prometheus' InsertBehavior::Merge).
prometheus::Counter& Metrics::counter(const std::string& name, const std::string& help,
                                      const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Gauge& Metrics::gauge(const std::string& name, const std::string& help,
                                  const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                                          const std::vector<double>& buckets,
                                          const Labels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels,
                                                                                    buckets);
}

void Metrics::before_scrape(std::function<void()> update) {
  const std::scoped_lock lock(mutex_);
  updates_.push_back(std::move(update));
}

std::string Metrics::text() {
  // Held while they run: an update need not be safe against itself.
  const std::scoped_lock lock(mutex_);
  for (const auto& update : updates_) update();
  std::string out;
  for (const auto& family : registry_.Collect()) append_family(out, family);
  return out;
}

}  // namespace banter::base
