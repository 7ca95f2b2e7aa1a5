// The request methods Banter knows. Values only; any other method is answered 400 before routing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace banter::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, trace };
inline constexpr std::size_t method_count = 8;

inline constexpr std::array<std::string_view, method_count> method_names = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};

[[nodiscard]] constexpr std::string_view name_of(Method method) {
  return method_names[static_cast<std::size_t>(method)];
}

// Case-sensitive, as methods are.
[[nodiscard]] constexpr std::optional<Method> method_of(std::string_view name) {
  for (std::size_t i = 0; i < method_count; ++i) {
    if (method_names[i] == name) return static_cast<Method>(i);
  }
  return std::nullopt;
}

}  // namespace banter::http
