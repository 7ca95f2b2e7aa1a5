#include "verify/history/record_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "verify/history/record_text.hpp"
#include "verify/history/words.hpp"

namespace banter::verify {

namespace json = boost::json;

struct RecordParser::Memory {
  std::array<unsigned char, std::size_t{64} * 1024> first;  // enough for most lines
  json::monotonic_resource resource{first.data(), first.size()};
  json::parser parser{json::storage_ptr(), {.max_depth = 4}};
  std::optional<json::value> line;  // lives in `resource`
  std::vector<Message> messages;
  std::vector<UserId> users;
  std::vector<std::string_view> nodes;
};

namespace {

std::string_view view_of(const json::string& text) { return {text.data(), text.size()}; }

// The lists that a record points to.
struct Lists {
  std::vector<Message>& messages;
  std::vector<UserId>& users;
  std::vector<std::string_view>& nodes;
};

// Called with each member of a record in turn; keeps the first thing that is wrong.
class MemberReader {
 public:
  MemberReader(const json::object& object, Lists& lists, std::string& problem)
      : object_(object), lists_(lists), problem_(problem) {}

  template <class Value>
  void operator()(std::string_view name, Value& value) {
    const auto* found = find(name);
    if (found == nullptr) {
      complain("`{}` is missing", name);
    } else {
      read(name, *found, value);
    }
  }

  template <class Value>
  void maybe(std::string_view name, Value& value, const Value& otherwise = {}) {
    value = otherwise;
    if (const auto* found = find(name)) read(name, *found, value);
  }
  template <class Value>
  void maybe(std::string_view name, std::optional<Value>& value) {
    if (const auto* found = find(name)) read(name, *found, value.emplace());
  }

  void body(Body& body) {
    std::string_view digest;
    (*this)("text", body.text);
    maybe("digest", digest);
    if (digest.empty()) {
      body = Body::of(body.text);
      return;
    }
    (*this)("bytes", body.bytes);
    const auto* const end = digest.data() + digest.size();
    const auto [stop, error] = std::from_chars(digest.data(), end, body.digest, 16);
    if (error != std::errc{} || stop != end || digest.size() != 16) {
      complain("`digest` is not 16 hexadecimal digits");
    }
  }

  void expect_no_more() {
    if (seen_ == object_.size() || !problem_.empty()) return;
    for (const auto& member : object_) {
      const std::string_view name{member.key().data(), member.key().size()};
      if (std::ranges::find(names_.begin(), names_.begin() + seen_, name) ==
          names_.begin() + seen_) {
        complain("there is no member `{}` in such a record", name);
        return;
      }
    }
  }

 private:
  static constexpr std::size_t members_max = 16;

  const json::value* find(std::string_view name) {
    const auto* found = object_.if_contains({name.data(), name.size()});
    if (found != nullptr && seen_ < members_max) names_[seen_++] = name;
    return found;
  }

  template <class... Words>
  void complain(fmt::format_string<Words...> format, Words&&... words) {
    if (problem_.empty()) problem_ = fmt::format(format, std::forward<Words>(words)...);
  }

  void read(std::string_view name, const json::value& from, std::int64_t& value) {
    const auto* number = from.if_int64();
    if (number == nullptr || *number < 0 || *number > number_max) {
      complain("`{}` is not a whole number from 0 to 2^53", name);
    } else {
      value = *number;
    }
  }
  void read(std::string_view name, const json::value& from, bool& value) {
    const auto* truth = from.if_bool();
    if (truth == nullptr) complain("`{}` is neither true nor false", name);
    value = truth != nullptr && *truth;
  }
  void read(std::string_view name, const json::value& from, std::string_view& value) {
    if (const auto* text = from.if_string()) {
      value = view_of(*text);
    } else {
      complain("`{}` is not a string", name);
    }
  }
  void read(std::string_view name, const json::value& from, Seq& value) {
    read(name, from, value.value);
  }
  template <class Tag>
  void read(std::string_view name, const json::value& from, Id<Tag>& value) {
    read(name, from, value.value);
  }
  template <class Choice>
    requires std::is_enum_v<Choice>
  void read(std::string_view name, const json::value& from, Choice& value) {
    std::string_view word;
    read(name, from, word);
    for (const auto& [choice, spelled] : words_of(Choice{})) {
      if (word != spelled) continue;
      value = choice;
      return;
    }
    complain("`{}` cannot be \"{}\"", name, word);
  }
  void read(std::string_view name, const json::value& from, Since& value) {
    value.asked = true;
    const auto* text = from.if_string();
    value.latest = text != nullptr && view_of(*text) == "latest";
    if (!value.latest) read(name, from, value.seq);
  }
  void read(std::string_view name, const json::value& from, Message& value) {
    read_struct(name, from, value);
  }
  void read(std::string_view name, const json::value& from, Extent& value) {
    read_struct(name, from, value);
  }
  void read(std::string_view name, const json::value& from, std::span<const Message>& value) {
    value = read_list(name, from, lists_.messages);
  }
  void read(std::string_view name, const json::value& from, std::span<const UserId>& value) {
    value = read_list(name, from, lists_.users);
  }
  void read(std::string_view name, const json::value& from,
            std::span<const std::string_view>& value) {
    value = read_list(name, from, lists_.nodes);
  }

  template <class Struct>
  void read_struct(std::string_view name, const json::value& from, Struct& value) {
    const auto* object = from.if_object();
    if (object == nullptr) {
      complain("`{}` is not an object", name);
      return;
    }
    MemberReader members(*object, lists_, problem_);
    Struct::fields(value, members);
    members.expect_no_more();
  }
  template <class Value>
  std::span<const Value> read_list(std::string_view name, const json::value& from,
                                   std::vector<Value>& list) {
    list.clear();
    const auto* array = from.if_array();
    if (array == nullptr) {
      complain("`{}` is not a list", name);
      return {};
    }
    list.resize(array->size());
    for (std::size_t i = 0; i < list.size() && problem_.empty(); ++i) {
      read(name, (*array)[i], list[i]);
    }
    return list;
  }

  const json::object& object_;
  Lists& lists_;
  std::string& problem_;
  std::array<std::string_view, members_max> names_;
  std::size_t seen_ = 0;
};

// Tries the kinds of records one after the other.
template <std::size_t index = 0>
void read_kind(std::string_view type, MemberReader& members, Record& record, std::string& problem) {
  if constexpr (index == std::variant_size_v<Record>) {
    problem = fmt::format("there is no record of type \"{}\"", type);
  } else {
    using Kind = std::variant_alternative_t<index, Record>;
    if (type != Kind::type) return read_kind<index + 1>(type, members, record, problem);
    Kind::fields(record.emplace<index>(), members);
  }
}

}  // namespace

RecordParser::RecordParser() : memory_(std::make_unique<Memory>()) {}
RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser&&) noexcept = default;
RecordParser& RecordParser::operator=(RecordParser&&) noexcept = default;

std::expected<TimedRecord, std::string> RecordParser::parse(std::string_view line) {
  auto& memory = *memory_;
  memory.line.reset();
  memory.resource.release();
  memory.parser.reset(&memory.resource);
  json::error_code error;
  memory.parser.write(line.data(), line.size(), error);
  if (error) return std::unexpected(fmt::format("this is not JSON: {}", error.message()));
  const auto* object = memory.line.emplace(memory.parser.release()).if_object();
  if (object == nullptr) return std::unexpected("this is not an object");
  TimedRecord out;
  std::string problem;
  std::int64_t at = 0;
  std::string_view type;
  Lists lists{memory.messages, memory.users, memory.nodes};
  MemberReader members(*object, lists, problem);
  members("at", at);
  members("type", type);
  out.at = Instant{at};
  if (problem.empty()) read_kind(type, members, out.record, problem);
  members.expect_no_more();
  if (!problem.empty()) return std::unexpected(std::move(problem));
  return out;
}

}  // namespace banter::verify
