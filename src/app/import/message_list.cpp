#include "app/import/message_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <map>
#include <utility>

namespace banter::app {
namespace {

namespace json = boost::json;

// Up to here a browser's numbers are whole.
constexpr std::int64_t id_max = std::int64_t{1} << 53;
// Of a time in seconds; Postgres and we count microseconds in 63 bits.
constexpr double seconds_max = 9e12;

// A whole number above 0.
std::optional<std::int64_t> positive(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 1) return std::nullopt;
  return value->get_int64();
}

std::optional<Micros> time_of(const json::object& object) {
  const auto* value = object.if_contains("ts");
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds < seconds_max)) return std::nullopt;
  return Micros{std::llround(seconds * 1e6)};
}

}  // namespace

std::expected<ListedMessage, std::string> parse_listed_message(std::string_view entry) {
  boost::system::error_code error;
  const auto value = json::parse(entry, error);
  if (error || !value.is_object()) return std::unexpected("not a JSON object");
  const auto& object = value.get_object();
  const auto id = positive(object, "id");
  if (!id) return std::unexpected("no id");
  const auto author = positive(object, "user_id");
  if (!author) return std::unexpected("no user_id");
  const auto at = time_of(object);
  if (!at) return std::unexpected("no ts");
  const auto* text = object.if_contains("text");
  if (text == nullptr || !text->is_string()) return std::unexpected("no text");
  if (text->get_string().empty()) return std::unexpected("an empty text");
  if (text->get_string().size() > imported_text_bytes_max) {
    return std::unexpected("a text over 1 MiB");
  }
  return ListedMessage{.id = Seq{*id},
                       .author = UserId{*author},
                       .at = *at,
                       .text = std::string(text->get_string())};
}

std::expected<PlannedLog, std::string> plan_log(ConversationId conversation,
                                                std::vector<ListedMessage> messages,
                                                std::int64_t counter, std::optional<Seq> head) {
  PlannedLog plan;
  std::map<Seq, ListedMessage> by_id;  // of several under one number the first
  for (auto& message : messages) {
    const Seq id = message.id;
    if (!by_id.try_emplace(id, std::move(message)).second) ++plan.repeated;
  }
  if (head) by_id.erase(by_id.begin(), by_id.upper_bound(*head));

  const auto last =
      std::max({counter, by_id.empty() ? 0 : by_id.rbegin()->first.value, head ? head->value : 0});
  if (last > id_max) return std::unexpected("numbers that clients cannot count");
  auto next = head ? head->next() : by_id.empty() ? Seq{last + 1} : by_id.begin()->first;
  const auto holes = last - next.value + 1 - static_cast<std::int64_t>(by_id.size());
  if (holes > imported_holes_max) {
    return std::unexpected(fmt::format("{} numbers without a message", holes));
  }
  plan.next = next;
  plan.holes = static_cast<std::size_t>(holes);
  plan.events.reserve(static_cast<std::size_t>(last - next.value + 1));
  const auto lose_up_to = [&](Seq end, Micros at) {
    for (; next < end; next = next.next()) {
      plan.events.push_back({.conversation = conversation,
                             .seq = next,
                             .author = {},
                             .kind = chat::EventKind::lost,
                             .payload = {},
                             .client_id = {},
                             .at = at});
    }
  };
  Micros at{};
  for (auto& [id, message] : by_id) {
    at = message.at;
    lose_up_to(id, at);
    plan.events.push_back({.conversation = conversation,
                           .seq = id,
                           .author = message.author,
                           .payload = std::move(message.text),
                           .client_id = {},
                           .at = at});
    next = id.next();
  }
  lose_up_to(Seq{last + 1}, at);
  return plan;
}

}  // namespace banter::app
