#include "http/head_check.hpp"

#include <algorithm>
#include <charconv>

#include "http/ascii.hpp"

namespace banter::http {
namespace {

constexpr bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return is_alpha(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

// VCHAR, space, tab, and the bytes above ASCII that old clients send.
constexpr bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return text.substr(0, 0);
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether a comma-separated list names the word, in any case.
bool list_names(std::string_view list, std::string_view word) {
  while (true) {
    const auto comma = list.find(',');
    if (equals_ignoring_case(trim_blanks(list.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

// The headers Banter reads; all others are checked and skipped.
enum class Name : std::uint8_t {
  other,
  accept_encoding,
  authorization,
  connection,
  content_length,
  content_type,
  expect,
  host,
  if_none_match,
  origin,
  transfer_encoding,
  upgrade,
  websocket_key,
  websocket_version,
  forwarded_for,
  request_id,
  requested_with,
};

struct KnownName {
  std::string_view text;
  Name name;
};

constexpr KnownName known_names[] = {
    {"host", Name::host},
    {"connection", Name::connection},
    {"accept-encoding", Name::accept_encoding},
    {"authorization", Name::authorization},
    {"content-length", Name::content_length},
    {"content-type", Name::content_type},
    {"expect", Name::expect},
    {"if-none-match", Name::if_none_match},
    {"origin", Name::origin},
    {"transfer-encoding", Name::transfer_encoding},
    {"upgrade", Name::upgrade},
    {"sec-websocket-key", Name::websocket_key},
    {"sec-websocket-version", Name::websocket_version},
    {"x-forwarded-for", Name::forwarded_for},
    {"x-request-id", Name::request_id},
    {"x-requested-with", Name::requested_with},
};

Name name_of_header(std::string_view text) {
  for (const auto& known : known_names) {
    if (known.text.size() == text.size() && equals_ignoring_case(known.text, text)) {
      return known.name;
    }
  }
  return Name::other;
}

// Reads line after line; the first error sticks.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\r\n")) rest_.remove_prefix(2);  // RFC 9112, 2.2: some clients send one
  }

  std::expected<Head, HeadError> read() {
    if (!read_request_line(next_line())) return std::unexpected(error_);
    std::size_t lines = 0;
    for (auto line = next_line(); !line.empty(); line = next_line()) {
      if (++lines > header_lines_max) return std::unexpected(HeadError::too_many_headers);
      if (!read_header(line)) return std::unexpected(error_);
    }
    if (!conclude()) return std::unexpected(error_);
    return head_;
  }

 private:
  // Up to the CRLF; a bare CR or LF stays in the line and is refused there.
  std::string_view next_line() {
    const auto end = rest_.find("\r\n");
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 2);
    return line;
  }

  bool fail(HeadError error) {
    error_ = error;
    return false;
  }

  bool read_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || !read_target(target) || !read_version(line.substr(last + 1))) {
      return false;
    }
    const auto known = method_of(method);
    if (!known) return fail(HeadError::unknown_method);
    head_.method = *known;
    return head_.target != "*" || head_.method == Method::options;
  }

  bool read_target(std::string_view target) {
    const auto visible = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
    if (target.empty() || !std::ranges::all_of(target, visible)) return false;
    if (target.front() == '/' || target == "*") {
      head_.target = target;
      return true;
    }
    // Absolute form, as a proxy is asked: its authority stands for the Host.
    const auto scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const auto scheme = target.substr(0, scheme_end);
    if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))
      return false;
    const auto after = target.substr(scheme_end + 3);
    const auto slash = after.find('/');
    authority_ = after.substr(0, slash);
    head_.target = slash == std::string_view::npos ? std::string_view("/") : after.substr(slash);
    return !authority_->empty() && authority_->find_first_of("?@") == std::string_view::npos;
  }

  bool read_version(std::string_view version) {
    const bool shaped = version.size() == 8 && version.starts_with("HTTP/") &&
                        is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
    if (!shaped) return false;
    if (version[5] != '1' || version[7] > '1') return fail(HeadError::version_not_supported);
    head_.http_1_1 = version[7] == '1';
    return true;
  }

  bool read_header(std::string_view line) {
    // A leading blank is an obs-fold, a blank before the colon makes the name no token: both
    // refused.
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const auto value = trim_blanks(line.substr(colon + 1));
    if (!std::ranges::all_of(value, is_value_char)) return false;
    return take(name_of_header(line.substr(0, colon)), value);
  }

  // These may stand once; which of two a proxy would believe cannot be known.
  static bool once(std::optional<std::string_view>& place, std::string_view value) {
    if (place) return false;
    place = value;
    return true;
  }

  bool take(Name name, std::string_view value) {
    switch (name) {
      case Name::host:
        return once(host_, value);
      case Name::content_length:
        return once(length_, value);
      case Name::transfer_encoding:
        return once(encoding_, value);
      case Name::content_type:
        return once(head_.content_type, value);
      case Name::authorization:
        return once(head_.authorization, value);
      case Name::origin:
        return once(head_.origin, value);
      case Name::websocket_key:
        return once(head_.websocket_key, value);
      case Name::websocket_version:
        return once(head_.websocket_version, value);
      default:
        take_repeatable(name, value);
        return true;
    }
  }

  void take_repeatable(Name name, std::string_view value) {
    switch (name) {
      case Name::connection:
        close_ = close_ || list_names(value, "close");
        keep_alive_ = keep_alive_ || list_names(value, "keep-alive");
        head_.connection_upgrade = head_.connection_upgrade || list_names(value, "upgrade");
        break;
      case Name::upgrade:
        head_.upgrade_websocket = head_.upgrade_websocket || list_names(value, "websocket");
        break;
      case Name::expect:
        head_.expect_continue = equals_ignoring_case(value, "100-continue");
        break;
      case Name::accept_encoding:
        if (head_.accept_encoding.empty()) head_.accept_encoding = value;
        break;
      case Name::if_none_match:
        if (head_.if_none_match.empty()) head_.if_none_match = value;
        break;
      case Name::request_id:
        head_.request_id = value;
        break;
      case Name::requested_with:
        head_.ajax = value == "XMLHttpRequest";
        break;
      case Name::forwarded_for:
        if (head_.forwarded_lines == forwarded_lines_max) {
          std::ranges::rotate(head_.forwarded_for, head_.forwarded_for.begin() + 1);
          --head_.forwarded_lines;
        }
        head_.forwarded_for[head_.forwarded_lines++] = value;
        break;
      default:
        break;
    }
  }

  bool conclude() {
    if (!host_ && head_.http_1_1) return false;
    head_.host = authority_ ? authority_ : host_;
    head_.keep_alive = !close_ && (head_.http_1_1 || keep_alive_);
    if (encoding_) {
      if (length_ || !head_.http_1_1) return false;
      if (!equals_ignoring_case(*encoding_, "chunked")) return fail(HeadError::unknown_encoding);
      head_.chunked = true;
    }
    return !length_ || read_length(*length_);
  }

  // Digits only, and no more than a number of ours holds: no sign, no list, no blank.
  bool read_length(std::string_view digits) {
    std::uint64_t length = 0;
    const auto end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, length);
    if (error != std::errc{} || stop != end || !is_digit(digits.front())) return false;
    head_.content_length = length;
    return true;
  }

  std::string_view rest_;
  Head head_;
  HeadError error_ = HeadError::malformed;
  std::optional<std::string_view> authority_, host_, length_, encoding_;
  bool close_ = false;
  bool keep_alive_ = false;
};

}  // namespace

HeadEnd find_head_end(std::string_view input, std::size_t seen) {
  using State = HeadEnd::State;
  if (input.empty()) return {};
  if (input.front() != '\r' && !is_token_char(input.front())) return {.state = State::malformed};
  for (auto at = input.find('\n', seen); at != std::string_view::npos;
       at = input.find('\n', at + 1)) {
    if (at == 0 || input[at - 1] != '\r') return {.state = State::malformed};
    if (at >= 3 && input[at - 2] == '\n') return {.state = State::complete, .bytes = at + 1};
  }
  return {};
}

std::expected<Head, HeadError> check_head(std::string_view text) { return Reader(text).read(); }

}  // namespace banter::http
