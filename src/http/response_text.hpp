// Responses as bytes. Every response carries the security headers of the contract, Server, Date,
// X-Request-Id and Content-Length. The Date line is made once a second and thread.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace banter::http {

struct Delivery {
  std::string_view request_id;
  bool head_only = false;  // HEAD: Content-Length of a body that is not sent
  bool keep_alive = true;  // else "Connection: close"
  bool http_1_0 = false;   // then keep_alive has to be said
};

// Appends the head and, unless it is shared or not to be sent, the body.
void append_response(std::string& out, const Response& response, const Delivery& delivery);

// "Server: Banter\r\nDate: ...\r\n" and the security headers, as of now.
[[nodiscard]] std::string_view common_headers();

// "404 Not Found".
[[nodiscard]] std::string_view status_line_text(unsigned status);

// 16 hexadecimal digits, different for each call (of this thread, and almost surely of any).
[[nodiscard]] std::string new_request_id();
// 1 to 64 characters of [A-Za-z0-9._-]: safe to log and to send back.
[[nodiscard]] bool is_request_id(std::string_view text);

}  // namespace banter::http
