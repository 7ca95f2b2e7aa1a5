// How a client of ours reaches a node: a TCP connection with a time limit, plain or with TLS
// under the system's certificates. Used by http_call and web_socket alone: Beast is dear to
// compile.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "verify/drive/node_url.hpp"

namespace banter::verify {

using TcpLink = boost::beast::basic_stream<boost::asio::ip::tcp, Executor>;
using TlsLink = boost::asio::ssl::stream<TcpLink>;

inline boost::asio::ssl::context& tls_context() {
  static boost::asio::ssl::context context = [] {
    boost::asio::ssl::context made(boost::asio::ssl::context::tls_client);
    made.set_default_verify_paths();
    made.set_verify_mode(boost::asio::ssl::verify_peer);
    return made;
  }();
  return context;
}

inline TcpLink& tcp_of(TcpLink& link) { return link; }
inline TcpLink& tcp_of(TlsLink& link) { return link.next_layer(); }

// Empty: connected. Else why not. The link's time limit goes on for what follows.
inline Task<std::string> connect(TcpLink& link, const NodeUrl& node,
                                 std::chrono::milliseconds within) {
  using Tcp = boost::asio::ip::tcp;
  boost::system::error_code error;
  link.expires_after(within);
  // A resolver of Asio is a thread; an address needs none.
  const auto address = boost::asio::ip::make_address(node.host, error);
  if (!error) {
    const auto port = static_cast<std::uint16_t>(std::stoi(node.port));
    co_await link.async_connect(Tcp::endpoint(address, port),
                                boost::asio::redirect_error(use_task, error));
  } else {
    boost::asio::ip::basic_resolver<Tcp, Executor> resolver(link.get_executor());
    const auto found = co_await resolver.async_resolve(
        node.host, node.port, boost::asio::redirect_error(use_task, error));
    if (error) co_return error.message();
    co_await link.async_connect(found, boost::asio::redirect_error(use_task, error));
  }
  if (error) co_return error.message();
  link.socket().set_option(Tcp::no_delay(true), error);
  co_return std::string();
}

inline Task<std::string> connect(TlsLink& link, const NodeUrl& node,
                                 std::chrono::milliseconds within) {
  auto problem = co_await connect(link.next_layer(), node, within);
  if (!problem.empty()) co_return problem;
  SSL_set_tlsext_host_name(link.native_handle(), node.host.c_str());
  link.set_verify_callback(boost::asio::ssl::host_name_verification(node.host));
  boost::system::error_code error;
  co_await link.async_handshake(boost::asio::ssl::stream_base::client,
                                boost::asio::redirect_error(use_task, error));
  co_return error ? "TLS: " + error.message() : std::string();
}

}  // namespace banter::verify
