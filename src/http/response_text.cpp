#include "http/response_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <random>

#include "base/assert.hpp"
#include "http/ascii.hpp"

namespace banter::http {
namespace {

constexpr std::string_view security_headers =
    "X-Frame-Options: DENY\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

// "Mon, 23 Nov 2026 17:00:00 GMT" (RFC 9110, 5.6.7), whatever the locale.
void append_date(std::string& out, std::time_t now) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y %H:%M:%S GMT", &utc);
  out.append(days[static_cast<std::size_t>(utc.tm_wday)]).append(", ");
  if (utc.tm_mday < 10) out += '0';
  out.append(std::to_string(utc.tm_mday)).append(" ");
  out.append(months[static_cast<std::size_t>(utc.tm_mon)]).append(" ");
  out.append(text.data(), size);
}

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits;  // NOLINT: to_chars fills it
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string_view common_headers() {
  thread_local std::time_t made_at = 0;
  thread_local std::string block;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    made_at = now;
    block.assign("Server: Banter\r\nDate: ");
    append_date(block, now);
    block.append("\r\n").append(security_headers);
  }
  return block;
}

std::string_view status_line_text(unsigned status) {
  switch (status) {
    case 200:
      return "200 OK";
    case 201:
      return "201 Created";
    case 301:
      return "301 Moved Permanently";
    case 304:
      return "304 Not Modified";
    case 400:
      return "400 Bad Request";
    case 401:
      return "401 Unauthorized";
    case 403:
      return "403 Forbidden";
    case 404:
      return "404 Not Found";
    case 405:
      return "405 Method Not Allowed";
    case 408:
      return "408 Request Timeout";
    case 413:
      return "413 Content Too Large";
    case 415:
      return "415 Unsupported Media Type";
    case 426:
      return "426 Upgrade Required";
    case 429:
      return "429 Too Many Requests";
    case 431:
      return "431 Request Header Fields Too Large";
    case 500:
      return "500 Internal Server Error";
    case 503:
      return "503 Service Unavailable";
    default:
      ASSERT(false, "every status that is answered has its line here");
  }
}

void append_response(std::string& out, const Response& response, const Delivery& delivery) {
  out.append("HTTP/1.1 ").append(status_line_text(response.status)).append("\r\n");
  out.append(common_headers());
  if (!response.content_type.empty()) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  out.append(response.fixed_headers).append(response.headers);
  out.append("X-Request-Id: ").append(delivery.request_id);
  if (!delivery.keep_alive) {
    out.append("\r\nConnection: close");
  } else if (delivery.http_1_0) {
    out.append("\r\nConnection: keep-alive");
  }
  if (response.status != 304) {
    out.append("\r\nContent-Length: ");
    append_number(out, response.body_bytes());
  }
  out.append("\r\n\r\n");
  if (!delivery.head_only) out.append(response.body);
}

std::string new_request_id() {
  // SplitMix64: a counter through a mixer, so that no two of a thread are alike.
  thread_local std::uint64_t counter = [] {
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32 | device();
  }();
  std::uint64_t bits = counter += 0x9E3779B97F4A7C15u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  bits ^= bits >> 31;
  std::string text(16, '0');
  for (char& digit : text) {
    digit = "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return text;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace banter::http
