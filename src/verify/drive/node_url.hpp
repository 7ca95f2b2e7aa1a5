// NodeUrl: where a node of a deployment is reached. A value.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace banter::verify {

struct NodeUrl {
  std::string name;  // as it was given; the node's name in the history
  std::string host;
  std::string port;
  std::string path;  // before every target, without the last slash; mostly empty
  bool tls = false;

  // For the Host header: with the port, if it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
};

// http://HOST[:PORT][/PATH] or https://…; the error says what is wrong with it.
[[nodiscard]] std::expected<NodeUrl, std::string> parse_node_url(std::string_view text);

}  // namespace banter::verify
