// The files of web/, embedded in the binary at build time (cmake/embed.cmake writes the table).
// Constant; lives as long as the process.
#pragma once

#include <span>
#include <string_view>

namespace banter::http {

struct Asset {
  std::string_view path;  // below web/: "index.html", "assets/api.js"
  std::string_view plain;
  std::string_view gzip;    // empty where it would not be smaller
  std::string_view brotli;  // likewise
};

// In the order of their paths.
[[nodiscard]] std::span<const Asset> assets();

}  // namespace banter::http
