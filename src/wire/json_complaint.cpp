#include "wire/json_complaint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "wire/json_reader.hpp"

namespace banter::wire {
namespace {

constexpr std::size_t unicode_digits = 4;
constexpr std::string_view no_value = "Expecting value";
constexpr std::string_view no_comma = "Expecting ',' delimiter";
constexpr std::string_view open_string = "Unterminated string starting at";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Reads as CPython's scanner does (Modules/_json.c), and remembers where it gave up. Each function
// begins at at_, and says whether it came through.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<std::string> complaint() {
    if (whole()) return std::nullopt;
    if (words_.empty() || at_words_) return words_.empty() ? std::nullopt : std::optional(words_);
    return fmt::format("{}: {}", words_, json_place(text_, wrong_));
  }

 private:
  bool whole() {
    skip_space();
    if (!value(0)) return false;
    skip_space();
    return at_ == text_.size() || stop("Extra data", at_);
  }

  bool value(std::size_t depth) {
    if (depth > json_depth_max) return false;
    if (is('"')) return string();
    if (is('{')) return object(depth);
    if (is('[')) return array(depth);
    for (const std::string_view word : {"null", "true", "false"}) {
      if (take(word)) return true;
    }
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
      if (take(word)) {
        words_ = fmt::format("Out of range float values are not JSON compliant: '{}'", word);
        at_words_ = true;
        return false;
      }
    }
    return number();
  }

  bool object(std::size_t depth) {
    ++at_;
    skip_space();
    if (is('}')) return skip();
    while (true) {
      if (!is('"')) return stop("Expecting property name enclosed in double quotes", at_);
      if (!string()) return false;
      skip_space();
      if (!is(':')) return stop("Expecting ':' delimiter", at_);
      ++at_;
      skip_space();
      if (!value(depth + 1)) return false;
      skip_space();
      if (is('}')) return skip();
      if (!is(',')) return stop(no_comma, at_);
      ++at_;
      skip_space();
    }
  }

  bool array(std::size_t depth) {
    ++at_;
    skip_space();
    if (is(']')) return skip();
    while (true) {
      if (!value(depth + 1)) return false;
      skip_space();
      if (is(']')) return skip();
      if (!is(',')) return stop(no_comma, at_);
      ++at_;
      skip_space();
    }
  }

  bool string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && !is('"')) {
      if (static_cast<std::uint8_t>(text_[at_]) < 0x20) {
        return stop("Invalid control character at", at_);
      }
      if (!is('\\')) {
        ++at_;
      } else if (!escape(begin)) {
        return false;
      }
    }
    return at_ < text_.size() ? skip() : stop(open_string, begin);
  }

  bool escape(std::size_t string_begin) {
    const std::size_t begin = at_++;
    if (at_ == text_.size()) return stop(open_string, string_begin);
    if (is('u')) {
      const auto digits = text_.substr(at_ + 1, unicode_digits);
      const std::size_t end = at_ + 1 + unicode_digits;
      // At the very end of the text it wants one more character, too.
      if (end >= text_.size() || !std::ranges::all_of(digits, is_hex)) {
        return stop("Invalid \\uXXXX escape", at_);
      }
      at_ = end;
      return true;
    }
    if (!std::string_view("\"\\/bfnrt").contains(text_[at_])) {
      return stop("Invalid \\escape", begin);
    }
    return skip();
  }

  bool number() {
    const std::size_t begin = at_;
    if (is('-')) ++at_;
    if (is('0')) {
      ++at_;
    } else if (!digits()) {
      return stop(no_value, begin);
    }
    // What does not go on as a number is left for whoever comes next to complain about.
    if (const std::size_t dot = at_; is('.')) {
      ++at_;
      if (!digits()) at_ = dot;
    }
    if (const std::size_t exponent = at_; is('e') || is('E')) {
      ++at_;
      if (is('+') || is('-')) ++at_;
      if (!digits()) at_ = exponent;
    }
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > begin;
  }

  [[nodiscard]] bool is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool skip() {
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (is(' ') || is('\t') || is('\n') || is('\r')) ++at_;
  }
  bool stop(std::string_view words, std::size_t at) {
    words_ = words;
    wrong_ = at;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string words_;
  std::size_t wrong_ = 0;
  bool at_words_ = false;  // they name no place
};

}  // namespace

std::optional<std::string> json_complaint(std::string_view text) {
  return Scanner(text).complaint();
}

std::string json_place(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t character = 0;
  std::size_t line_start = 0;
  for (const char c : text.substr(0, offset)) {
    if ((static_cast<std::uint8_t>(c) & 0xC0) != 0x80) ++character;
    if (c != '\n') continue;
    ++line;
    line_start = character;
  }
  return fmt::format("line {} column {} (char {})", line, character - line_start + 1, character);
}

}  // namespace banter::wire
