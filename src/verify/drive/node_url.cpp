#include "verify/drive/node_url.hpp"

#include <boost/url/parse.hpp>

namespace banter::verify {

std::string NodeUrl::authority() const {
  const std::string shown = host.contains(':') ? "[" + host + "]" : host;
  return port == (tls ? "443" : "80") ? shown : shown + ":" + port;
}

std::expected<NodeUrl, std::string> parse_node_url(std::string_view text) {
  const auto bad = [text](std::string_view why) {
    return std::unexpected("\"" + std::string(text) + "\" " + std::string(why) +
                           ": write http://HOST:PORT or https://HOST");
  };
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return bad("is no URL");
  const auto& url = parsed.value();
  const std::string_view scheme{url.scheme().data(), url.scheme().size()};
  if (scheme != "http" && scheme != "https") return bad("is neither http nor https");
  if (url.host().empty()) return bad("names no host");
  if (url.has_port() && url.port_number() == 0) return bad("has no port that exists");
  if (url.has_userinfo() || url.has_query() || url.has_fragment()) {
    return bad("has more than a host, a port and a path");
  }
  NodeUrl node{.name = std::string(text),
               .host = url.host_address(),
               .port = url.has_port() ? std::string(url.port()) : "",
               .path = std::string(url.encoded_path()),
               .tls = scheme == "https"};
  if (node.port.empty()) node.port = node.tls ? "443" : "80";
  while (node.path.ends_with('/')) node.path.pop_back();
  return node;
}

}  // namespace banter::verify
