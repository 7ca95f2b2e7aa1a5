#include "verify/drive/web_socket.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <utility>

#include "verify/drive/tcp_link.hpp"

namespace banter::verify {

namespace websocket = boost::beast::websocket;
using namespace std::chrono_literals;

namespace {

constexpr auto open_max = 5s;
constexpr auto silence_max = 8s;  // Beast pings after half of it

template <class Link>
class WebSocketOver final : public WebSocket {
 public:
  template <class... Words>
  explicit WebSocketOver(Words&&... words) : stream_(std::forward<Words>(words)...) {}

  // 101: open. Else the status of the refusal, or 0.
  Task<std::int64_t> open(const NodeUrl& node, const std::string& target) {
    auto& link = stream_.next_layer();
    if (!(co_await connect(link, node, open_max)).empty()) co_return 0;
    tcp_of(link).expires_never();
    stream_.set_option(websocket::stream_base::timeout{
        .handshake_timeout = open_max, .idle_timeout = silence_max, .keep_alive_pings = true});
    websocket::response_type response;
    boost::system::error_code error;
    co_await stream_.async_handshake(response, node.authority(), node.path + target,
                                     boost::asio::redirect_error(use_task, error));
    if (error == websocket::error::upgrade_declined) co_return response.result_int();
    co_return error ? 0 : 101;
  }

  Task<std::optional<std::string_view>> read() override {
    buffer_.clear();
    boost::system::error_code error;
    co_await stream_.async_read(buffer_, boost::asio::redirect_error(use_task, error));
    if (error) co_return std::nullopt;
    const auto bytes = buffer_.cdata();
    co_return std::string_view(static_cast<const char*>(bytes.data()), bytes.size());
  }

  Task<bool> write(std::string frame) override {
    boost::system::error_code error;
    co_await stream_.async_write(boost::asio::buffer(frame),
                                 boost::asio::redirect_error(use_task, error));
    co_return !error;
  }

  Task<> close() override {
    boost::system::error_code ignored;
    co_await stream_.async_close(websocket::close_code::normal,
                                 boost::asio::redirect_error(use_task, ignored));
  }

  void cut() override { tcp_of(stream_.next_layer()).close(); }

  std::int64_t close_code() const override { return stream_.reason().code; }

 private:
  websocket::stream<Link> stream_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace

Task<std::expected<std::unique_ptr<WebSocket>, std::int64_t>> WebSocket::open(Executor executor,
                                                                              NodeUrl node,
                                                                              std::string target) {
  std::unique_ptr<WebSocket> opened;
  std::int64_t status = 0;
  if (node.tls) {
    auto over = std::make_unique<WebSocketOver<TlsLink>>(TcpLink(executor), tls_context());
    status = co_await over->open(node, target);
    opened = std::move(over);
  } else {
    auto over = std::make_unique<WebSocketOver<TcpLink>>(executor);
    status = co_await over->open(node, target);
    opened = std::move(over);
  }
  if (status != 101) co_return std::unexpected(status);
  co_return opened;
}

}  // namespace banter::verify
