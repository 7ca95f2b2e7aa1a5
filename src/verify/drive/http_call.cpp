#include "verify/drive/http_call.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>

#include "verify/drive/tcp_link.hpp"

namespace banter::verify {

namespace http = boost::beast::http;

namespace {

constexpr std::uint64_t body_bytes_max = std::uint64_t{8} * 1024 * 1024;

http::request<http::string_body> request_of(const NodeUrl& node, const HttpQuestion& question) {
  http::request<http::string_body> request(
      question.body.empty() ? http::verb::get : http::verb::post, node.path + question.target, 11);
  request.set(http::field::host, node.authority());
  request.set(http::field::user_agent, "banter-verify");
  request.set(http::field::connection, "close");
  if (!question.token.empty()) {
    request.set(http::field::authorization, "Bearer " + question.token);
  }
  if (!question.body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = question.body;
  }
  request.prepare_payload();
  return request;
}

std::chrono::seconds seconds_of(boost::beast::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::chrono::seconds{value};
}

template <class Link>
Task<HttpAnswer> ask_over(Link& link, const NodeUrl& node, const HttpQuestion& question,
                          std::chrono::milliseconds within) {
  if (auto problem = co_await connect(link, node, within); !problem.empty()) {
    co_return HttpAnswer{.body = std::move(problem)};
  }
  boost::system::error_code error;
  const auto request = request_of(node, question);
  co_await http::async_write(link, request, boost::asio::redirect_error(use_task, error));
  if (error) co_return HttpAnswer{.body = error.message()};
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(body_bytes_max);
  co_await http::async_read(link, buffer, parser, boost::asio::redirect_error(use_task, error));
  if (error) co_return HttpAnswer{.body = error.message()};
  auto response = parser.release();
  co_return HttpAnswer{.status = response.result_int(),
                       .retry_after = seconds_of(response[http::field::retry_after]),
                       .body = std::move(response.body())};
}

}  // namespace

Task<HttpAnswer> ask(Executor executor, const NodeUrl& node, HttpQuestion question,
                     std::chrono::milliseconds within) {
  if (node.tls) {
    TlsLink link(TcpLink(executor), tls_context());
    co_return co_await ask_over(link, node, question, within);
  }
  TcpLink link(executor);
  co_return co_await ask_over(link, node, question, within);
}

}  // namespace banter::verify
