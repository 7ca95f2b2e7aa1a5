// What administrator commands and the server say to each other over DATA/admin.sock: one JSON
// object per line each way, one question and one answer per connection. Pure.
//
//   question = { "command": "user_show", ... } LF
//   answer   = { "ok": true, "result": ... } LF
//            / { "ok": false, "kind": "refused" / "usage" / "unavailable", "error": "..." } LF
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace banter::app {

// Of one line; lists are asked for in pages that stay below it.
inline constexpr std::size_t admin_line_bytes_max = 64 * 1024;

struct AdminAnswer {
  enum class Kind : std::uint8_t {
    ok,
    refused,      // no such user, already a member ...
    usage,        // the question is not one
    unavailable,  // the store does not answer, or the server is busy
  };
  Kind kind = Kind::ok;
  std::string error;
  boost::json::value result;  // of ok

  [[nodiscard]] static AdminAnswer ok(boost::json::value result = boost::json::object());
  [[nodiscard]] static AdminAnswer refused(std::string error);
  [[nodiscard]] static AdminAnswer usage(std::string error);
  [[nodiscard]] static AdminAnswer unavailable(std::string error);
};

// A line without its LF. The error is what to answer.
[[nodiscard]] std::expected<boost::json::object, AdminAnswer> read_question(std::string_view line);
// With LF. An answer that would be too long becomes an error.
[[nodiscard]] std::string answer_line(const AdminAnswer& answer);
[[nodiscard]] std::string question_line(const boost::json::object& question);
// The error: it is no answer, so the other side is no server of ours.
[[nodiscard]] std::expected<AdminAnswer, std::string> read_answer(std::string_view line);

[[nodiscard]] std::filesystem::path admin_socket_path(const std::filesystem::path& data);

}  // namespace banter::app
