#include "verify/history/record_text.hpp"

#include <fmt/format.h>

#include <concepts>
#include <iterator>
#include <type_traits>

#include "verify/history/words.hpp"

namespace banter::verify {
namespace {

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

// Called with each member of a record in turn.
class MemberWriter {
 public:
  explicit MemberWriter(std::string& out) : out_(out) {}

  template <class Value>
  void operator()(std::string_view name, const Value& value) {
    out_ += separator_;
    separator_ = ",";
    out_ += '"';
    out_ += name;
    out_ += "\":";
    write(value);
  }

  // What is as it is without being said is not written.
  template <class Value>
  void maybe(std::string_view name, const Value& value, const Value& otherwise = {}) {
    if (!(value == otherwise)) (*this)(name, value);
  }
  template <class Value>
  void maybe(std::string_view name, const std::optional<Value>& value) {
    if (value) (*this)(name, *value);
  }
  template <class Value>
  void maybe(std::string_view name, const std::span<const Value>& values) {
    if (!values.empty()) (*this)(name, values);
  }

  void body(const Body& body) {
    const Body kept = shortened(body);
    (*this)("text", kept.text);
    if (kept.whole()) return;
    (*this)("bytes", kept.bytes);
    (*this)("digest", std::string_view(fmt::format("{:016x}", kept.digest)));
  }

 private:
  void write(std::int64_t value) { fmt::format_to(std::back_inserter(out_), "{}", value); }
  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(std::string_view value) { append_string(out_, value); }
  void write(Seq value) { write(value.value); }
  template <class Tag>
  void write(Id<Tag> value) {
    write(value.value);
  }
  template <class Choice>
    requires std::is_enum_v<Choice>
  void write(Choice value) {
    write(word_of(value));
  }
  void write(const Since& since) {
    if (since.latest) {
      write(std::string_view("latest"));
    } else {
      write(since.seq);
    }
  }
  template <class Struct>
    requires requires(const Struct& value, MemberWriter& field) { Struct::fields(value, field); }
  void write(const Struct& value) {
    out_ += '{';
    MemberWriter members(out_);
    Struct::fields(value, members);
    out_ += '}';
  }
  template <class Value>
  void write(std::span<const Value> values) {
    out_ += '[';
    std::string_view between;
    for (const auto& value : values) {
      out_ += between;
      between = ",";
      write(value);
    }
    out_ += ']';
  }

  std::string& out_;
  std::string_view separator_;
};

}  // namespace

void append_line(std::string& out, Instant at, const Record& record) {
  out += '{';
  MemberWriter members(out);
  members("at", static_cast<std::int64_t>(at.count()));
  std::visit(
      [&members]<class Kind>(const Kind& kind) {
        members("type", Kind::type);
        Kind::fields(kind, members);
      },
      record);
  out += "}\n";
}

}  // namespace banter::verify
