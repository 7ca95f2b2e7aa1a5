#include "mark.hpp"

#include <cstring>

namespace wsload {

namespace {

constexpr std::string_view tag = "@WL";

void put_hex(char* out, int digits, std::uint64_t value) {
  for (int i = digits - 1; i >= 0; --i, value >>= 4) out[i] = "0123456789abcdef"[value & 15];
}

std::uint64_t get_hex(const char* in, int digits) {
  std::uint64_t value = 0;
  for (int i = 0; i < digits; ++i) {
    const auto ch = static_cast<unsigned>(static_cast<unsigned char>(in[i]));
    value = value << 4 | ((ch & 15) + (ch >> 6) * 9);
  }
  return value;
}

Mark read_client_id(const char* at) {
  return {.run = static_cast<unsigned>(get_hex(at, 4)),
          .sender = static_cast<std::uint32_t>(get_hex(at + 4, 6)),
          .seq = static_cast<std::uint32_t>(get_hex(at + 10, 8))};
}

}  // namespace

void write_client_id(char* out, const Mark& mark) {
  put_hex(out, 4, mark.run);
  put_hex(out + 4, 6, mark.sender);
  put_hex(out + 10, 8, mark.seq);
}

void write_mark(char* out, const Mark& mark) {
  std::memcpy(out, tag.data(), tag.size());
  write_client_id(out + tag.size(), mark);
  put_hex(out + tag.size() + client_id_length, 16, mark.time);
}

std::optional<Mark> find_mark(std::string_view text) {
  const void* at = memmem(text.data(), text.size(), tag.data(), tag.size());
  if (at == nullptr) return std::nullopt;
  const char* begin = static_cast<const char*>(at);
  if (begin + Mark::length > text.data() + text.size()) return std::nullopt;
  Mark mark = read_client_id(begin + tag.size());
  mark.time = get_hex(begin + tag.size() + client_id_length, 16);
  return mark;
}

std::optional<Mark> find_client_id(std::string_view frame) {
  constexpr std::string_view name = R"("client_id": ")";
  const auto at = frame.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto value = frame.substr(at + name.size());
  if (value.size() <= client_id_length || value[client_id_length] != '"') return std::nullopt;
  return read_client_id(value.data());
}

}  // namespace wsload
