#include "simulation/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

#include "verify/report/verdict_text.hpp"

namespace banter::simulation {

std::optional<std::string> Judge::look(std::string_view history) {
  std::optional<std::string> wrong;
  for (auto end = history.find('\n', taken_); end != history.npos && !wrong;
       end = history.find('\n', taken_)) {
    const auto line = history.substr(taken_, end - taken_);
    taken_ = end + 1;
    wrong = take(line);
  }
  return wrong ? wrong : look_at_logs();
}

std::optional<std::string> Judge::take(std::string_view text) {
  ++line_;
  const auto parsed = parser_.parse(text);
  if (!parsed) {
    throw std::runtime_error(fmt::format("line {} of the history: {}", line_, parsed.error()));
  }
  const auto& record = parsed->record;
  if (!checker_) checker_.emplace(std::get<verify::Run>(record), verify::Bounds{});
  if (const auto taken = checker_->take({.line = line_, .at = parsed->at}, record); !taken) {
    throw std::runtime_error(fmt::format("line {} of the history: {}", line_, taken.error()));
  }
  if (const auto* connect = std::get_if<verify::Connect>(&record)) {
    conversations_[connect->socket.value] = connect->conversation;
  }
  if (!checker_->found().empty()) {
    const auto& finding = checker_->found().front();
    return fmt::format("{}: {} (lines {})", verify::words_of(finding.invariant).name, finding.what,
                       fmt::join(finding.lines, ", "));
  }
  if (const auto* ack = std::get_if<verify::Ack>(&record)) return look_for(*ack);
  return std::nullopt;
}

std::optional<std::string> Judge::look_for(const verify::Ack& ack) const {
  const Log& log = store_.logs.at(conversations_.at(ack.socket.value));
  const auto place = std::ranges::lower_bound(log.events, ack.seq, {}, &chat::Event::seq);
  const bool there = place != log.events.end() && place->seq == ack.seq &&
                     place->client_id == ack.client_id && place->at.unix_seconds() == ack.ts;
  if (there) return std::nullopt;
  return fmt::format("line {}: {} is acknowledged at {}, where the store has something else", line_,
                     ack.client_id, ack.seq.value);
}

// They only grow, and without a hole.
std::optional<std::string> Judge::look_at_logs() {
  for (const auto& [conversation, log] : store_.logs) {
    const Seq head = log.head();
    Seq& before = heads_[conversation];
    if (head < before) return fmt::format("the head fell from {} to {}", before.value, head.value);
    before = head;
    if (std::cmp_not_equal(log.events.size(), head.value)) {
      return fmt::format("the log has {} events, and its head is {}", log.events.size(),
                         head.value);
    }
  }
  return std::nullopt;
}

std::optional<std::string> Judge::finish() {
  const auto verdict = checker_->finish();
  // Strictly: in virtual time nothing is late because the machine is busy.
  if (verdict.outcome(true) == verify::Outcome::holds) return std::nullopt;
  return verify::verdict_text(verdict, true);
}

}  // namespace banter::simulation
