// RESP3, Redis's protocol: commands out, replies and pushes in. Sans-I/O.
//
//   reply   = "+" line | "-" line | ":" number | "," line | "(" line | "#" ("t" | "f") | "_"
//           | ("$" | "!" | "=") length bytes | ("*" | "~" | ">") count *reply
//           | "%" count *(reply reply) | "|" count *(reply reply) reply      each line ends in CRLF
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banter::relay {

struct RespValue {
  enum class Kind : std::uint8_t { null, text, error, number, list, push };
  Kind kind = Kind::null;
  std::string text;              // of text (simple, bulk, verbatim, double …) and error
  std::int64_t number = 0;       // of number and boolean
  std::vector<RespValue> items;  // of list (array, set, map: keys and values in turn) and push
  [[nodiscard]] bool is_error() const { return kind == Kind::error; }
};

// Bytes in, values out. Bounded: what claims to be larger or deeper than any reply of ours fails
// it, for good.
class RespParser {
 public:
  static constexpr std::size_t value_bytes_max = 64 * 1024 * 1024;  // a window of 200 large events
  static constexpr std::size_t items_max = 1'000'000;
  static constexpr int depth_max = 8;

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole value; nullopt: more bytes are needed, or it failed.
  [[nodiscard]] std::optional<RespValue> next();
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  enum class Step : std::uint8_t { done, more, bad };
  Step read(RespValue& value, int depth);
  Step read_text(std::string_view head, RespValue::Kind kind, RespValue& value);
  Step read_items(std::string_view head, std::int64_t values_each, RespValue& value, int depth);
  [[nodiscard]] std::optional<std::string_view> take_line();

  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given out yet
  std::size_t at_ = 0;     // while a value is read
  bool failed_ = false;
};

// One command; several make a pipeline.
void append_command(std::string& out, std::span<const std::string_view> words);
inline void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  append_command(out, std::span(words.begin(), words.size()));
}

}  // namespace banter::relay
