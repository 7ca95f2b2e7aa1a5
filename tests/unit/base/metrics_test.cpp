#include "base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace banter::base {
namespace {

using testing::HasSubstr;

TEST(Metrics, GivesTheSameChildForTheSameLabels) {
  Metrics metrics;
  auto& first = metrics.counter("banter_things_total", "Things.", {{"kind", "a"}});
  auto& again = metrics.counter("banter_things_total", "Things.", {{"kind", "a"}});
  auto& other = metrics.counter("banter_things_total", "Things.", {{"kind", "b"}});
  EXPECT_EQ(&first, &again);
  EXPECT_NE(&first, &other);
}

TEST(Metrics, WritesTheTextFormat) {
  Metrics metrics;
  metrics.counter("banter_things_total", "Things, counted.", {{"kind", "a"}}).Increment(2);
  metrics.gauge("banter_level", "Now.").Set(-1.5);
  EXPECT_EQ(metrics.text(),
            "# HELP banter_things_total Things, counted.\n"
            "# TYPE banter_things_total counter\n"
            "banter_things_total{kind=\"a\"} 2\n"
            "# HELP banter_level Now.\n"
            "# TYPE banter_level gauge\n"
            "banter_level -1.5\n");
}

TEST(Metrics, WritesAFamilyOnceForAllItsChildren) {
  Metrics metrics;
  metrics.counter("c_total", "C.", {{"kind", "a"}}).Increment();
  metrics.counter("c_total", "C.", {{"kind", "b"}}).Increment();
  const auto text = metrics.text();
  EXPECT_EQ(text.find("# TYPE c_total"), text.rfind("# TYPE c_total"));
}

TEST(Metrics, SpellsBucketBoundsAsThePythonClientDoes) {
  Metrics metrics;
  auto& sizes = metrics.histogram("size_bytes", "Sizes.", {0, 0.025, 1, 524288, 1048576, 536870912},
                                  {{"view", "x"}});
  sizes.Observe(2);
  EXPECT_THAT(metrics.text(), HasSubstr("size_bytes_bucket{view=\"x\",le=\"0.0\"} 0\n"
                                        "size_bytes_bucket{view=\"x\",le=\"0.025\"} 0\n"
                                        "size_bytes_bucket{view=\"x\",le=\"1.0\"} 0\n"
                                        "size_bytes_bucket{view=\"x\",le=\"524288.0\"} 1\n"
                                        "size_bytes_bucket{view=\"x\",le=\"1.048576e+06\"} 1\n"
                                        "size_bytes_bucket{view=\"x\",le=\"5.36870912e+08\"} 1\n"
                                        "size_bytes_bucket{view=\"x\",le=\"+Inf\"} 1\n"
                                        "size_bytes_count{view=\"x\"} 1\n"
                                        "size_bytes_sum{view=\"x\"} 2\n"));
}

TEST(Metrics, EscapesLabelsAndHelp) {
  Metrics metrics;
  metrics.counter("c_total", "one\\line\n\"two\"", {{"name", "['index.html']\"\\\n"}}).Increment();
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# HELP c_total one\\\\line\\n\"two\"\n"));
  EXPECT_THAT(text, HasSubstr("c_total{name=\"['index.html']\\\"\\\\\\n\"} 1\n"));
}

TEST(Metrics, WritesInfinityAndNanAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.gauge("a", "A.").Set(std::numeric_limits<double>::infinity());
  metrics.gauge("b", "B.").Set(std::numeric_limits<double>::quiet_NaN());
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("\na +Inf\n"));
  EXPECT_THAT(text, HasSubstr("\nb NaN\n"));
}

TEST(Metrics, AsksForLateValuesBeforeEachScrape) {
  Metrics metrics;
  auto& gauge = metrics.gauge("late", "Late.");
  int scrapes = 0;
  metrics.before_scrape([&] { gauge.Set(++scrapes); });
  EXPECT_THAT(metrics.text(), HasSubstr("late 1\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("late 2\n"));
}

TEST(Metrics, KeepsLargeCountsExact) {
  Metrics metrics;
  metrics.counter("c_total", "C.").Increment(123456789012);
  EXPECT_THAT(metrics.text(), HasSubstr("c_total 123456789012\n"));
}

}  // namespace
}  // namespace banter::base
