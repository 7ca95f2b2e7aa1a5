#include "bound_handshake.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "bound_frame.hpp"

namespace bound {

namespace {

std::string accept_key(std::string_view key) {
  const std::string joined = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), digest.data());
  std::array<unsigned char, 32> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

std::string_view header_value(std::string_view head, std::string_view name) {
  auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  at = head.find_first_not_of(": ", at + name.size());
  return head.substr(at, head.find('\r', at) - at);
}

// "/ws/chat/12/?token=t5" and "/ws/c12?token=t5" alike.
void split_target(std::string_view target, Handshake& handshake) {
  const auto question = target.find('?');
  auto path = target.substr(0, question);
  if (path.ends_with('/')) path.remove_suffix(1);
  handshake.conversation = path.substr(path.rfind('/') + 1);
  const auto token = target.find("token=", std::min(question, target.size()));
  if (token == std::string_view::npos) return;
  const auto value = target.substr(token + 6);
  handshake.token = value.substr(0, value.find_first_of(" &"));
}

}  // namespace

Handshake read_handshake(std::string_view input) {
  Handshake handshake;
  const auto end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) return handshake;
  const auto head = input.substr(0, end + 2);
  const auto space = head.find(' ');
  split_target(head.substr(space + 1, head.find(' ', space + 1) - space - 1), handshake);
  handshake.used = end + 4;
  handshake.response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(header_value(head, "Sec-WebSocket-Key")) + "\r\n\r\n" +
      frame(R"({"type":"history","messages":[]})");
  return handshake;
}

}  // namespace bound
