// The lines of a history as JSON, and where in them something can be changed. Values; pure.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banter::verify {

namespace json = boost::json;
using Lines = std::vector<json::object>;

// A record, and one of its messages.
struct Place {
  std::size_t line = 0;
  std::size_t message = 0;
};

[[nodiscard]] bool is(const json::object& record, std::string_view type);
[[nodiscard]] std::string word(const json::object& from, std::string_view name);
[[nodiscard]] std::int64_t number(const json::object& from, std::string_view name);
[[nodiscard]] json::array* messages_of(json::object& record);

// The conversation of each socket.
[[nodiscard]] std::map<std::int64_t, std::int64_t> conversations(const Lines& lines);
// Each live message with the next of its socket, if there is one.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> neighbours(const Lines& lines);
// Acks that the final history must hold.
[[nodiscard]] std::vector<std::size_t> lasting_acks(const Lines& lines);
// The messages of all records of a type.
[[nodiscard]] std::vector<Place> messages(Lines& lines, std::string_view type);
[[nodiscard]] json::object& message_at(Lines& lines, Place place);
// Takes the messages from this seq on out of a record.
void keep_below(json::object& record, std::int64_t seq);

}  // namespace banter::verify
