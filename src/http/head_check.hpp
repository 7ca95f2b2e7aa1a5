// The strict reader of one request head. Pure functions, no allocation: everything a Head says
// points into the text it was read from. What two readers could understand differently (and a proxy
// in front of us is the other reader) is refused: RFC 9112 without its leniencies.
//
//   head    = [CRLF] method SP target SP "HTTP/" DIGIT "." DIGIT CRLF *( name ":" OWS value OWS
//   CRLF ) CRLF
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "http/method.hpp"

namespace banter::http {

inline constexpr std::size_t header_lines_max = 100;   // of one head; 431 past it
inline constexpr std::size_t forwarded_lines_max = 4;  // X-Forwarded-For lines kept, the last ones

enum class HeadError : std::uint8_t {
  malformed,              // 400
  too_many_headers,       // 431
  unknown_method,         // 400
  unknown_encoding,       // 400: a Transfer-Encoding other than chunked
  version_not_supported,  // 400
};

// Absent and empty are different things for the optional ones.
struct Head {
  Method method = Method::get;
  std::string_view target;  // origin form ("/path?query"), or "*"
  bool http_1_1 = true;
  bool keep_alive = true;           // what version and Connection ask for
  bool connection_upgrade = false;  // Connection names "upgrade"
  bool upgrade_websocket = false;   // Upgrade names "websocket"
  bool expect_continue = false;
  bool chunked = false;
  bool ajax = false;  // X-Requested-With: XMLHttpRequest
  std::optional<std::uint64_t> content_length;
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> origin;
  std::optional<std::string_view> websocket_key;
  std::optional<std::string_view> websocket_version;
  std::optional<std::string_view> host;  // only HTTP/1.0 may have none
  std::string_view accept_encoding;
  std::string_view if_none_match;
  std::string_view request_id;
  std::array<std::string_view, forwarded_lines_max> forwarded_for;  // in the order of the lines
  std::size_t forwarded_lines = 0;

  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

struct HeadEnd {
  enum class State : std::uint8_t { incomplete, complete, malformed };
  State state = State::incomplete;
  std::size_t bytes = 0;  // of the head, final empty line included, when complete
};

// Looks for the end of the head at the front of `input`; the first `seen` bytes were looked at
// before. Malformed as soon as it cannot become a head: a bare LF, a first byte no method begins
// with (a TLS hello).
[[nodiscard]] HeadEnd find_head_end(std::string_view input, std::size_t seen);

// `text` is a whole head as find_head_end() delimits it.
[[nodiscard]] std::expected<Head, HeadError> check_head(std::string_view text);

}  // namespace banter::http
