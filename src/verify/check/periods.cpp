#include "verify/check/periods.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace banter::verify {

std::optional<NodeNumber> Periods::node(std::string_view name) const {
  const auto found = std::ranges::find(nodes_, name);
  if (found == nodes_.end()) return std::nullopt;
  return static_cast<NodeNumber>(found - nodes_.begin());
}

std::expected<void, std::string> Periods::open(Ids& ids, Period period) {
  if (!ids.emplace(period.id, periods_.size()).second) {
    return std::unexpected(fmt::format("number {} has begun already", period.id));
  }
  periods_.push_back(std::move(period));
  return {};
}

std::expected<Period*, std::string> Periods::close(Ids& ids, std::int64_t id, Moment now) {
  const auto found = ids.find(id);
  if (found == ids.end()) return std::unexpected(fmt::format("number {} has not begun", id));
  Period& period = periods_[found->second];
  period.end = now.at;
  ended_.push_back(found->second);
  ids.erase(found);
  return &period;
}

std::expected<void, std::string> Periods::begin(const FaultBegun& fault, Moment now) {
  at_.resize(nodes_.size());
  end_at_.resize(nodes_.size(), Instant::min());
  const auto at = node(fault.target);
  ++(at ? at_[*at] : everywhere_);
  return open(faults_,
              {.id = fault.fault.value,
               .what = std::string(fault.what),
               .target = std::string(fault.target),
               .failover = fault.failover,
               .epoch = {.change = fault.new_epoch || fault.may_lose, .loss = fault.may_lose},
               .node = at,
               .line = now.line,
               .begin = now.at,
               .end = {},
               .ack = {},
               .delivery = {}});
}

std::expected<const Period*, std::string> Periods::end(const FaultEnded& fault, Moment now) {
  const auto period = close(faults_, fault.fault.value, now);
  if (!period) return std::unexpected(period.error());
  const auto at = (*period)->node;
  --(at ? at_[*at] : everywhere_);
  (at ? end_at_[*at] : everywhere_end_) = now.at;
  last_end_ = now.at;
  if ((*period)->failover) failover_end_ = now.at;
  return *period;
}

std::expected<void, std::string> Periods::begin(const LoadBegun& load, Moment now) {
  return open(loads_, {.id = load.load.value,
                       .what = std::string(load.what),
                       .target = {},
                       .load = true,
                       .epoch = {},
                       .node = {},
                       .line = now.line,
                       .begin = now.at,
                       .end = {},
                       .ack = {},
                       .delivery = {}});
}

std::expected<void, std::string> Periods::end(const LoadEnded& load, Moment now) {
  const auto period = close(loads_, load.load.value, now);
  if (!period) return std::unexpected(period.error());
  return {};
}

std::optional<Instant> Periods::calm_since(Instant origin) const {
  if (!faults_.empty()) return std::nullopt;
  return std::max(origin, last_end_);
}

std::optional<Instant> Periods::calm_since(Instant origin, NodeNumber node) const {
  if (everywhere_ > 0 || (node < at_.size() && at_[node] > 0)) return std::nullopt;
  const auto end = node < end_at_.size() ? end_at_[node] : Instant::min();
  return std::max({origin, everywhere_end_, end});
}

// The periods of one sort that overlap what began at `begun` and ends now; whether there are any.
template <class Visit>
bool Periods::for_each_within(Instant begun, bool load, Visit visit) {
  bool any = false;
  for (const auto& [id, index] : load ? loads_ : faults_) {
    visit(periods_[index]);
    any = true;
  }
  for (auto at = ended_.rbegin(); at != ended_.rend(); ++at) {
    Period& period = periods_[*at];
    if (*period.end < begun) break;
    if (period.load != load) continue;
    visit(period);
    any = true;
  }
  return any;
}

void Periods::measure(Measured what, Instant begun, Instant ended) {
  const auto add = [&](Period& period) {
    (what == Measured::ack ? period.ack : period.delivery).add(ended - begun);
  };
  if (for_each_within(begun, false, add) || for_each_within(begun, true, add)) return;
  (what == Measured::ack ? healthy_ack_ : healthy_delivery_).add(ended - begun);
}

// Of several faults the one that ended last is to blame: had it not been, this had come before.
void Periods::arrived(Instant origin, Instant now) {
  if (last_end_ <= origin) return;
  for (auto at = ended_.rbegin(); at != ended_.rend(); ++at) {
    Period& period = periods_[*at];
    if (period.load) continue;
    period.recovered = std::max(period.recovered, now);
    return;
  }
}

void Periods::no_ack(Instant begun, Instant ended) {
  for_each_within(begun, false,
                  [&](Period& period) { period.no_ack = std::max(period.no_ack, ended - begun); });
}

}  // namespace banter::verify
