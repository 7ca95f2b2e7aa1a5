#include "unit/verify/mutations.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "unit/verify/history_lines.hpp"

namespace banter::verify {
namespace {

class Dice {
 public:
  explicit Dice(std::mt19937& generator) : generator_(generator) {}
  template <class Value>
  const Value* pick(const std::vector<Value>& from) {
    if (from.empty()) return nullptr;
    return &from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(generator_)];
  }

 private:
  std::mt19937& generator_;
};

bool drop_a_delivery(Lines& lines, Dice& dice) {
  const auto all = neighbours(lines);
  const auto* pair = dice.pick(all);
  if (pair != nullptr) lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(pair->first));
  return pair != nullptr;
}

bool double_a_delivery(Lines& lines, Dice& dice) {
  const auto all = neighbours(lines);
  const auto* pair = dice.pick(all);
  if (pair == nullptr) return false;
  auto copy = lines[pair->second];
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(pair->second), std::move(copy));
  return true;
}

bool swap_two_deliveries(Lines& lines, Dice& dice) {
  const auto all = neighbours(lines);
  const auto* pair = dice.pick(all);
  if (pair == nullptr) return false;
  for (const auto* name : {"seq", "user", "text", "ts"}) {
    std::swap(lines[pair->first].at(name), lines[pair->second].at(name));
  }
  return true;
}

template <class Change>
bool change_a_message(Lines& lines, Dice& dice, std::string_view type, Change change) {
  const auto all = messages(lines, type);
  const auto* place = dice.pick(all);
  if (place != nullptr) change(message_at(lines, *place));
  return place != nullptr;
}

bool acknowledge_another_seq(Lines& lines, Dice& dice) {
  const auto all = lasting_acks(lines);
  const auto* at = dice.pick(all);
  if (at != nullptr) lines[*at].at("seq").as_int64() += 1;
  return at != nullptr;
}

// What was sent once; a second send may have got there without having been answered.
bool acknowledge_twice(Lines& lines, Dice& dice) {
  std::map<std::string, int> sends;
  for (const auto& record : lines) {
    if (is(record, "send") && record.contains("client_id")) ++sends[word(record, "client_id")];
  }
  auto all = lasting_acks(lines);
  std::erase_if(all, [&](std::size_t at) { return sends[word(lines[at], "client_id")] > 1; });
  const auto* at = dice.pick(all);
  if (at == nullptr) return false;
  auto copy = lines[*at];
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(*at), std::move(copy));
  return true;
}

bool name_another_epoch(Lines& lines, Dice& dice) {
  const auto all = lasting_acks(lines);
  const auto* at = dice.pick(all);
  if (at != nullptr) lines[*at].at("epoch") = "elsewhere";
  return at != nullptr;
}

bool lose_one_from_the_final_history(Lines& lines, Dice& dice) {
  const auto all = messages(lines, "final");
  const auto* place = dice.pick(all);
  if (place == nullptr) return false;
  auto& list = *messages_of(lines[place->line]);
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(place->message));
  return true;
}

// The last message, of which there was an ack, is gone from all nodes, and so is the head.
bool lose_the_tail(Lines& lines, Dice& dice) {
  const auto of = conversations(lines);
  std::vector<std::pair<std::int64_t, std::int64_t>> acked;
  for (const auto at : lasting_acks(lines)) {
    acked.emplace_back(of.at(number(lines[at], "socket")), number(lines[at], "seq"));
  }
  const auto* picked = dice.pick(acked);
  if (picked == nullptr) return false;
  for (auto& record : lines) {
    if (!is(record, "final") || number(record, "conversation") != picked->first) continue;
    keep_below(record, picked->second);
    record["head"] = picked->second - 1;
  }
  return true;
}

bool read_without_what_was_acknowledged(Lines& lines, Dice& dice) {
  const auto of = conversations(lines);
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> acked;  // highest, by epoch
  std::map<std::int64_t, std::int64_t> asked;                          // what each read must hold
  std::vector<std::pair<std::size_t, std::int64_t>> answers;
  std::string epoch = "e1";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto& record = lines[i];
    if (record.contains("may_lose")) {
      asked.clear();
      epoch.clear();
    } else if (is(record, "ack")) {
      epoch = word(record, "epoch");
      auto& highest = acked[{of.at(number(record, "socket")), epoch}];
      highest = std::max(highest, number(record, "seq"));
    } else if (is(record, "read") && !record.contains("after")) {
      const auto conversation = number(record, "conversation");
      asked[number(record, "call")] = acked[{conversation, epoch}];
    } else if (is(record, "result") && asked.contains(number(record, "call"))) {
      const auto highest = asked[number(record, "call")];
      if (highest > 0) answers.emplace_back(i, highest);
    }
  }
  const auto* answer = dice.pick(answers);
  if (answer != nullptr) keep_below(lines[answer->first], answer->second);
  return answer != nullptr;
}

bool let_a_spy_in(Lines& lines, Dice& dice) {
  std::map<std::int64_t, bool> spies;
  std::vector<std::size_t> refusals;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is(lines[i], "connect")) spies[number(lines[i], "socket")] = lines[i].contains("kind");
    if (is(lines[i], "refused") && spies[number(lines[i], "socket")]) refusals.push_back(i);
  }
  const auto* at = dice.pick(refusals);
  if (at == nullptr) return false;
  lines[*at]["type"] = "history";
  lines[*at].erase("status");
  lines[*at]["messages"] = json::array();
  return true;
}

bool name_a_lower_head(Lines& lines, Dice& dice) {
  std::vector<std::size_t> pages;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is(lines[i], "history") && number(lines[i].at("extent").as_object(), "to") > 0) {
      pages.push_back(i);
    }
  }
  const auto* at = dice.pick(pages);
  if (at == nullptr) return false;
  auto& extent = lines[*at].at("extent").as_object();
  extent["head"] = number(extent, "to") - 1;
  return true;
}

using Lie = bool (*)(Lines&, Dice&);

std::optional<std::string> lie_in(const std::string& history, std::mt19937& generator, Lie lie) {
  Lines lines;
  std::istringstream text(history);
  for (std::string line; std::getline(text, line);) {
    lines.push_back(json::parse(line).as_object());
  }
  Dice dice(generator);
  if (!lie(lines, dice)) return std::nullopt;
  std::string out;
  for (const auto& line : lines) out += json::serialize(line) + "\n";
  return out;
}

constexpr auto another_text = [](json::object& message) { message["text"] = "another"; };
constexpr auto another_user = [](json::object& message) {
  message["user"] = number(message, "user") % 4 + 1;
};
constexpr auto another_second = [](json::object& message) {
  message["ts"] = number(message, "ts") + 1;
};

const std::vector<std::pair<const char*, Lie>> lies{
    {"drop a delivery", drop_a_delivery},
    {"double a delivery", double_a_delivery},
    {"swap two deliveries", swap_two_deliveries},
    {"another text live",
     [](Lines& l, Dice& d) { return change_a_message(l, d, "message", another_text); }},
    {"another text in a page",
     [](Lines& l, Dice& d) { return change_a_message(l, d, "history", another_text); }},
    {"another text in a read",
     [](Lines& l, Dice& d) { return change_a_message(l, d, "result", another_text); }},
    {"another text at the end",
     [](Lines& l, Dice& d) { return change_a_message(l, d, "final", another_text); }},
    {"another user",
     [](Lines& l, Dice& d) { return change_a_message(l, d, "message", another_user); }},
    {"another second at the end",
     [](Lines& l, Dice& d) { return change_a_message(l, d, "final", another_second); }},
    {"acknowledge another seq", acknowledge_another_seq},
    {"acknowledge twice", acknowledge_twice},
    {"name another epoch", name_another_epoch},
    {"lose one from the final history", lose_one_from_the_final_history},
    {"lose the tail", lose_the_tail},
    {"read without what was acknowledged", read_without_what_was_acknowledged},
    {"let a spy in", let_a_spy_in},
    {"name a lower head", name_a_lower_head}};

}  // namespace

const std::vector<Mutation>& mutations() {
  static const std::vector<Mutation> all = [] {
    std::vector<Mutation> out;
    for (const auto& [name, lie] : lies) {
      out.push_back(
          {.name = name, .apply = [lie](const std::string& history, std::mt19937& generator) {
             return lie_in(history, generator, lie);
           }});
    }
    return out;
  }();
  return all;
}

}  // namespace banter::verify
