#include "verify/report/verdict_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "verify/report/summary.hpp"

namespace banter::verify {
namespace {

constexpr std::size_t periods_listed_max = 50;
constexpr Instant fault_echo = std::chrono::seconds{5};  // what it does may show only then

class Writer {
 public:
  template <class... Words>
  void line(fmt::format_string<Words...> format, Words&&... words) {
    auto text = fmt::format(format, std::forward<Words>(words)...);
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    out_ += text;
    out_ += '\n';
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// "1.4 ms", "12 s"
std::string duration(Instant value) {
  const auto us = static_cast<double>(value.count());
  if (us < 1000) return fmt::format("{} us", value.count());
  if (us < 1'000'000) return fmt::format("{:.1f} ms", us / 1000);
  return fmt::format("{:.1f} s", us / 1'000'000);
}

std::string latency(const LatencyFigures& figures) {
  if (figures.count == 0) return "none measured";
  return fmt::format("p50 {}, p99 {}, max {} ({})", duration(figures.p50), duration(figures.p99),
                     duration(figures.max), figures.count);
}

std::string headline(const Verdict& verdict, bool strict) {
  switch (verdict.outcome(strict)) {
    case Outcome::holds:
      return "the promise holds";
    case Outcome::violated:
      return "THE PROMISE IS BROKEN";
    case Outcome::unusable:
      break;
  }
  return "nothing is broken, but not everything could be checked";
}

void write_invariants(Writer& writer, const Verdict& verdict, bool strict) {
  for (std::size_t i = 0; i < invariants_count; ++i) {
    const auto& words = invariants()[i];
    const bool fails = strict || !words.strict;
    writer.line("  {:<24}{:<10}{}", words.name,
                verdict.counts[i] == 0
                    ? "ok"
                    : fmt::format("{} {}", verdict.counts[i], fails ? "BAD" : "late"),
                words.promise);
  }
}

// Those that were there between two instants, or had ended shortly before.
void write_faults(Writer& writer, const Verdict& verdict, Instant from, Instant to) {
  for (const auto& period : verdict.periods) {
    const bool before = period.begin > to;
    const bool after = period.end && *period.end + fault_echo < from;
    if (period.load || before || after) continue;
    writer.line("    while: {} of {}, from {}{}", period.what, period.target,
                duration(period.begin),
                period.end ? fmt::format(" to {}", duration(*period.end)) : std::string());
  }
}

void write_records(Writer& writer, const Verdict& verdict, const Finding& finding,
                   const Quotes& quotes) {
  Instant from = Instant::max();
  Instant to{0};
  for (const auto line : finding.lines) {
    const auto quote = quotes.find(line);
    if (quote == quotes.end()) continue;
    writer.line("    {:>6} {}", line, quote->second.text);
    from = std::min(from, quote->second.at);
    to = std::max(to, quote->second.at);
  }
  if (from <= to) write_faults(writer, verdict, from, to);
}

void write_findings(Writer& writer, const Verdict& verdict, const Quotes& quotes) {
  for (std::size_t i = 0; i < invariants_count; ++i) {
    if (verdict.counts[i] == 0) continue;
    const auto invariant = static_cast<Invariant>(i);
    std::uint64_t told = 0;
    writer.line("");
    writer.line("{}: {}", words_of(invariant).name, words_of(invariant).promise);
    for (const auto& finding : verdict.findings) {
      if (finding.invariant != invariant) continue;
      writer.line("  line{} {}: {}", finding.lines.size() == 1 ? "" : "s",
                  fmt::join(finding.lines, ", "), finding.what);
      if (told++ == 0) write_records(writer, verdict, finding, quotes);
    }
    if (told < verdict.counts[i]) writer.line("  and {} more", verdict.counts[i] - told);
  }
}

void write_figures(Writer& writer, const Verdict& verdict) {
  const Summary summary = summary_of(verdict);
  const auto& sends = verdict.sends;
  writer.line("");
  writer.line("sends       {} of {} client_ids, {} acks, {} unknown", sends.sends, sends.client_ids,
              sends.acks, sends.unknown);
  writer.line("messages    {} stored, {} delivered live on {} sockets", verdict.messages,
              verdict.deliveries, verdict.sockets);
  writer.line("violations  {} lost, {} doubled, {} gaps, {} order conflicts, {} leaks",
              summary.lost, summary.doubled, summary.gaps, summary.order_conflicts, summary.leaks);
  writer.line("acks        {}", latency(verdict.ack));
  writer.line("deliveries  {}", latency(verdict.delivery));
  for (const auto& [node, figures] : verdict.resources) {
    writer.line("{:<11} at most {} MiB and {} descriptors", node,
                figures.rss_peak / (std::int64_t{1024} * 1024), figures.fds_peak);
  }
}

void write_periods(Writer& writer, const Verdict& verdict) {
  if (verdict.periods.empty()) return;
  writer.line("");
  writer.line("faults and loads, and what was measured in them:");
  std::size_t told = 0;
  for (const auto& period : verdict.periods) {
    if (++told > periods_listed_max) break;
    writer.line("  {}{}{} at {}, {}{}", period.what, period.target.empty() ? "" : " of ",
                period.target, duration(period.begin),
                period.end ? "for " + duration(*period.end - period.begin) : "to the end",
                period.load ? ""
                            : fmt::format("; recovered in {}, longest without an ack {}",
                                          duration(period.recovery), duration(period.no_ack)));
    writer.line("    acks        {}", latency(period.ack));
    writer.line("    deliveries  {}", latency(period.delivery));
  }
  if (told > periods_listed_max) {
    writer.line("  and {} more; --json has them all", verdict.periods.size() - periods_listed_max);
  }
}

}  // namespace

std::string verdict_text(const Verdict& verdict, bool strict, const Quotes& quotes) {
  Writer writer;
  writer.line("{}", headline(verdict, strict));
  for (const auto& why : verdict.undecided) writer.line("not decided: {}", why);
  writer.line("{} records, {}, seed {}, nodes {}", verdict.records, duration(verdict.duration),
              verdict.seed, fmt::join(verdict.nodes, ", "));
  writer.line("");
  write_invariants(writer, verdict, strict);
  write_findings(writer, verdict, quotes);
  write_figures(writer, verdict);
  write_periods(writer, verdict);
  return writer.take();
}

}  // namespace banter::verify
