// The only file that includes Beast: it costs 15 s of compile time.
#include "http/body_reader.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>
#include <utility>

namespace banter::http {

namespace beast = boost::beast::http;

namespace {

// A chunk's size line or a trailer that is longer: nobody means it.
constexpr std::size_t unread_bytes_max = 16 * 1024;

}  // namespace

struct BodyReader::Parser {
  beast::request_parser<beast::string_body> beast;
};

BodyReader::BodyReader(std::size_t body_bytes_max) : parser_(std::make_unique<Parser>()) {
  parser_->beast.body_limit(body_bytes_max);
  parser_->beast.header_limit(std::numeric_limits<std::uint32_t>::max());  // head_check bounds it
  parser_->beast.eager(true);
}

BodyReader::~BodyReader() = default;

BodyReader::State BodyReader::begin(std::string_view head) {
  std::size_t consumed = 0;
  const State state = feed(head, consumed);
  const bool whole = consumed == head.size() && parser_->beast.is_header_done();
  return whole || state == State::too_large ? state : State::malformed;
}

BodyReader::State BodyReader::feed(std::string_view bytes, std::size_t& consumed) {
  consumed = 0;
  while (!parser_->beast.is_done()) {
    const auto rest = bytes.substr(consumed);
    if (rest.empty()) return State::more;
    boost::beast::error_code error;
    consumed += parser_->beast.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    if (error == beast::error::need_more) {
      return bytes.size() - consumed > unread_bytes_max ? State::malformed : State::more;
    }
    if (error == beast::error::body_limit) return State::too_large;
    if (error) return State::malformed;
  }
  return State::done;
}

std::string BodyReader::take() { return std::move(parser_->beast.get().body()); }

}  // namespace banter::http
