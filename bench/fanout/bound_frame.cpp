#include "bound_frame.hpp"

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <new>

namespace bound {

namespace {

std::uint64_t wall_ms() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 +
         static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000;
}

void append_escape(std::string& out, unsigned char ch) {
  switch (ch) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04x", ch);
  out += code.data();
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto ch = static_cast<unsigned char>(text[i]);
    if (ch >= 0x20 && ch != '"' && ch != '\\') [[likely]]
      continue;
    out.append(text.substr(run, i - run));
    run = i + 1;
    append_escape(out, ch);
  }
  out.append(text.substr(run));
  out.push_back('"');
}

void append_header(std::string& out, std::size_t length, unsigned opcode) {
  out += static_cast<char>(0x80 | opcode);
  if (length < 126) {
    out += static_cast<char>(length);
    return;
  }
  const bool small = length < 65536;
  out += static_cast<char>(small ? 126 : 127);
  for (int shift = small ? 8 : 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<std::uint64_t>(length) >> shift & 0xff);
  }
}

}  // namespace

bool parse_text(std::string_view payload, std::string& text) {
  std::array<unsigned char, 4096> buffer;
  boost::json::static_resource memory(buffer.data(), buffer.size());
  boost::json::error_code error;
  try {
    const auto value = boost::json::parse(payload, error, &memory);
    if (error || !value.is_object()) return false;
    const auto* found = value.get_object().if_contains("text");
    if (found == nullptr || !found->is_string()) return false;
    text.assign(found->get_string().data(), found->get_string().size());
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void build_message_frame(std::string& out, std::uint64_t id, std::string_view user,
                         std::string_view text) {
  static std::string body;  // one thread; kept for its capacity
  body = R"({"type":"message","message":{"id":)";
  body += std::to_string(id);
  body += R"(,"user_id":)";
  append_json_string(body, user);
  body += R"(,"text":)";
  append_json_string(body, text);
  body += R"(,"ts":)";
  body += std::to_string(wall_ms());
  body += "}}";
  out.clear();
  append_header(out, body.size(), 1);
  out += body;
}

std::string frame(std::string_view payload, unsigned opcode) {
  std::string out;
  append_header(out, payload.size(), opcode);
  out += payload;
  return out;
}

void unmask(char* payload, std::size_t length, const unsigned char* key) {
  std::uint32_t half = 0;
  std::memcpy(&half, key, sizeof half);
  const std::uint64_t whole = half | static_cast<std::uint64_t>(half) << 32;
  std::size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, payload + i, sizeof chunk);
    chunk ^= whole;
    std::memcpy(payload + i, &chunk, sizeof chunk);
  }
  for (; i < length; ++i) {
    payload[i] = static_cast<char>(static_cast<unsigned char>(payload[i]) ^ key[i & 3]);
  }
}

}  // namespace bound
