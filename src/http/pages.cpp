#include "http/pages.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "http/ascii.hpp"
#include "http/routes.hpp"

namespace banter::http {
namespace {

// No script but ours, nothing from elsewhere, no frame around us. 'self' covers the WebSocket of
// the same host.
constexpr std::string_view page_headers =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\n"
    "Cache-Control: no-cache\r\n"  // kept, but asked about each time: names carry no version
    "Vary: Accept-Encoding\r\n";

constexpr std::array<std::string_view, 3> coding_headers = {"", "Content-Encoding: gzip\r\n",
                                                            "Content-Encoding: br\r\n"};

struct Variant {
  std::shared_ptr<const std::string> body;
  std::string etag;  // quoted
};

struct Page {
  std::string_view content_type;
  std::string_view template_name;
  std::array<Variant, 3> variants;  // by Coding; without a body where the asset has none
};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// FNV-1a, 64 bits: tells versions of our own files apart, guards against nobody.
std::string etag_of(std::string_view bytes, std::size_t coding) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  }
  std::string tag = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) tag += "0123456789abcdef"[hash >> shift & 15];
  constexpr std::array<std::string_view, 3> suffixes = {"", "-gz", "-br"};
  return tag.append(suffixes[coding]).append("\"");
}

std::string url_of(std::string_view path) {
  if (path == "index.html") return "/";
  constexpr std::string_view index = "/index.html";
  if (path.ends_with(index)) path.remove_suffix(index.size() - 1);
  return "/" + std::string(path);
}

Page make_page(const Asset& asset) {
  Page page{.content_type = content_type_of(asset.path), .template_name = "None", .variants = {}};
  if (asset.path == "index.html") page.template_name = "['index.html']";
  if (asset.path == "wsdemo/index.html") page.template_name = "['wsdemo.html']";
  const std::array<std::string_view, 3> bodies = {asset.plain, asset.gzip, asset.brotli};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (i > 0 && bodies[i].empty()) continue;
    page.variants[i] = {.body = std::make_shared<const std::string>(bodies[i]),
                        .etag = etag_of(asset.plain, i)};
  }
  return page;
}

using Pages = std::map<std::string, Page, std::less<>>;

const Pages& pages() {
  static const Pages all = [] {
    Pages made;
    for (const auto& asset : assets()) made.emplace(url_of(asset.path), make_page(asset));
    // Browsers ask for it by themselves.
    if (const auto icon = made.find("/assets/favicon.svg"); icon != made.end()) {
      made.emplace("/favicon.ico", icon->second);
    }
    return made;
  }();
  return all;
}

// 0 to 1000; a weight that is none counts as 1.
int weight_of(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos) return 1000;
  const auto text = trim(parameters.substr(q + 2));
  int weight = text.starts_with('1') ? 1000 : 0;
  int unit = 100;
  for (std::size_t i = 2; i < text.size() && i < 5 && is_digit(text[i]); ++i, unit /= 10) {
    weight += (text[i] - '0') * unit;
  }
  return std::min(weight, 1000);
}

}  // namespace

Coding negotiate(std::string_view accept_encoding, bool has_gzip, bool has_brotli) {
  int gzip = -1, brotli = -1, rest = 0;
  for (auto list = accept_encoding; !list.empty();) {
    const auto comma = list.find(',');
    const auto entry = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    const auto semicolon = entry.find(';');
    const auto name = trim(entry.substr(0, semicolon));
    const int weight =
        semicolon == std::string_view::npos ? 1000 : weight_of(entry.substr(semicolon + 1));
    if (equals_ignoring_case(name, "gzip")) gzip = weight;
    if (equals_ignoring_case(name, "br")) brotli = weight;
    if (name == "*") rest = weight;
  }
  if (gzip < 0) gzip = rest;
  if (brotli < 0) brotli = rest;
  if (has_brotli && brotli > 0 && brotli >= gzip) return Coding::brotli;
  if (has_gzip && gzip > 0) return Coding::gzip;
  return has_brotli && brotli > 0 ? Coding::brotli : Coding::plain;
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  for (auto list = if_none_match; !list.empty();) {
    const auto comma = list.find(',');
    auto tag = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

std::string_view content_type_of(std::string_view path) {
  const auto dot = path.rfind('.');
  const auto extension = dot == std::string_view::npos ? std::string_view() : path.substr(dot);
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".js") return "text/javascript; charset=utf-8";
  if (extension == ".css") return "text/css; charset=utf-8";
  if (extension == ".svg") return "image/svg+xml";
  if (extension == ".png") return "image/png";
  if (extension == ".ico") return "image/x-icon";
  if (extension == ".webmanifest") return "application/manifest+json";
  if (extension == ".json") return "application/json";
  if (extension == ".woff2") return "font/woff2";
  return "application/octet-stream";
}

Response page_response(std::string_view path, std::string_view accept_encoding,
                       std::string_view if_none_match) {
  const auto found = pages().find(path);
  if (found == pages().end()) return to_response(wire::answer(wire::HttpError::not_found));
  const Page& page = found->second;
  const auto has = [&](Coding coding) {
    return page.variants[static_cast<std::size_t>(coding)].body != nullptr;
  };
  const auto coding =
      static_cast<std::size_t>(negotiate(accept_encoding, has(Coding::gzip), has(Coding::brotli)));
  const Variant& variant = page.variants[coding];
  Response response{.content_type = page.content_type,
                    .fixed_headers = page_headers,
                    .headers = "ETag: " + variant.etag + "\r\n",
                    .template_name = page.template_name};
  if (names_etag(if_none_match, variant.etag)) {
    response.status = 304;
    response.content_type = {};
    return response;
  }
  response.headers.append(coding_headers[coding]);
  response.shared_body = variant.body;
  return response;
}

Task<Response> serve_page(Exchange& exchange) {
  const auto& request = exchange.request;
  co_return page_response(request.target.path, request.head.accept_encoding,
                          request.head.if_none_match);
}

Task<Response> add_slash(Exchange& exchange) {
  const auto& target = exchange.request.target;
  Response response{.status = 301, .content_type = {}};
  response.headers.append("Location: ").append(target.raw_path).append("/");
  if (!target.query.empty()) response.headers.append("?").append(target.query);
  response.headers.append("\r\n");
  co_return response;
}

}  // namespace banter::http
