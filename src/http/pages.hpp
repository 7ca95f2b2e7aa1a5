// The pages: which embedded file a path means and in which form it goes out. Pure but for the
// bodies, which are made once and shared by all responses.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/assets.hpp"
#include "http/exchange.hpp"

namespace banter::http {

enum class Coding : std::uint8_t { plain, gzip, brotli };

// The best coding that an Accept-Encoding header takes (RFC 9110, 12.5.3: q=0 refuses, "*" stands
// for the rest) and the asset has; plain is always possible.
[[nodiscard]] Coding negotiate(std::string_view accept_encoding, bool has_gzip, bool has_brotli);

// Whether an If-None-Match header names the tag (or is "*"). Weak tags compare equal.
[[nodiscard]] bool names_etag(std::string_view if_none_match, std::string_view etag);

// "text/html; charset=utf-8" for "index.html".
[[nodiscard]] std::string_view content_type_of(std::string_view path);

// The response for a path of the server ("/", "/assets/api.js"): 200, 304 or 404.
[[nodiscard]] Response page_response(std::string_view path, std::string_view accept_encoding,
                                     std::string_view if_none_match);

}  // namespace banter::http
