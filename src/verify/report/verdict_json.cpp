#include "verify/report/verdict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "verify/report/summary.hpp"

namespace banter::verify {
namespace {

namespace json = boost::json;

std::int64_t us(Instant duration) { return duration.count(); }

json::object latency(const LatencyFigures& figures) {
  return {{"count", figures.count},
          {"p50_us", us(figures.p50)},
          {"p99_us", us(figures.p99)},
          {"max_us", us(figures.max)}};
}

json::array invariants_of(const Verdict& verdict) {
  json::array out;
  for (std::size_t i = 0; i < invariants_count; ++i) {
    const auto& words = invariants()[i];
    json::array examples;
    for (const auto& finding : verdict.findings) {
      if (static_cast<std::size_t>(finding.invariant) != i) continue;
      examples.push_back({{"what", finding.what},
                          {"lines", json::array(finding.lines.begin(), finding.lines.end())}});
    }
    out.push_back({{"name", words.name},
                   {"promise", words.promise},
                   {"strict", words.strict},
                   {"violations", verdict.counts[i]},
                   {"examples", std::move(examples)}});
  }
  return out;
}

json::object figures_of(const Verdict& verdict) {
  const Summary summary = summary_of(verdict);
  return {{"sends", verdict.sends.sends},
          {"client_ids", verdict.sends.client_ids},
          {"acks", verdict.sends.acks},
          {"unknown", verdict.sends.unknown},
          {"sockets", verdict.sockets},
          {"messages", verdict.messages},
          {"deliveries", verdict.deliveries},
          {"lost", summary.lost},
          {"doubled", summary.doubled},
          {"gaps", summary.gaps},
          {"order_conflicts", summary.order_conflicts},
          {"leaks", summary.leaks},
          {"ack", latency(verdict.ack)},
          {"delivery", latency(verdict.delivery)}};
}

json::array periods_of(const Verdict& verdict) {
  json::array out;
  for (const auto& period : verdict.periods) {
    out.push_back({{"kind", period.load ? "load" : "fault"},
                   {"number", period.id},
                   {"what", period.what},
                   {"target", period.target},
                   {"line", period.line},
                   {"begin_us", us(period.begin)},
                   {"end_us", period.end ? json::value(us(*period.end)) : json::value(nullptr)},
                   {"recovery_us", us(period.recovery)},
                   {"no_ack_us", us(period.no_ack)},
                   {"ack", latency(period.ack)},
                   {"delivery", latency(period.delivery)}});
  }
  return out;
}

json::array resources_of(const Verdict& verdict) {
  json::array out;
  for (const auto& [node, figures] : verdict.resources) {
    out.push_back(
        {{"node", node}, {"rss_peak_bytes", figures.rss_peak}, {"fds_peak", figures.fds_peak}});
  }
  return out;
}

}  // namespace

std::string_view word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::holds:
      return "holds";
    case Outcome::violated:
      return "violated";
    case Outcome::unusable:
      break;
  }
  return "unusable";
}

std::string verdict_json(const Verdict& verdict, bool strict) {
  const json::object out{
      {"report", "banter-verdict"},
      {"version", 1},
      {"verdict", word_of(verdict.outcome(strict))},
      {"strict", strict},
      {"undecided", json::array(verdict.undecided.begin(), verdict.undecided.end())},
      {"run",
       {{"seed", verdict.seed},
        {"options", verdict.options},
        {"nodes", json::array(verdict.nodes.begin(), verdict.nodes.end())},
        {"records", verdict.records},
        {"duration_us", us(verdict.duration)}}},
      {"invariants", invariants_of(verdict)},
      {"figures", figures_of(verdict)},
      {"periods", periods_of(verdict)},
      {"resources", resources_of(verdict)}};
  return json::serialize(out) + "\n";
}

std::string bad_history_json(const BadHistory& bad) {
  const json::object out{{"report", "banter-verdict"},
                         {"version", 1},
                         {"verdict", word_of(Outcome::unusable)},
                         {"line", bad.line},
                         {"undecided", json::array{bad.why}}};
  return json::serialize(out) + "\n";
}

}  // namespace banter::verify
