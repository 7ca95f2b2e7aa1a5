// The Authorization header as Django REST framework's SimpleJWT reads it. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "wire/error_table.hpp"

namespace banter::http {

// The token; nullopt where the header is absent, empty or of another scheme ("Bearer" is
// case-sensitive). Parts are separated by white space; the error is "Bearer" without a token or
// with more than one.
[[nodiscard]] std::expected<std::optional<std::string_view>, wire::HttpError> bearer_token(
    std::optional<std::string_view> header);

}  // namespace banter::http
