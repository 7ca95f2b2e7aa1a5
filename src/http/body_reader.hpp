// The body of one request, by Content-Length or chunked, read by Boost.Beast's parser. Requests
// without a body never meet it. Sans-I/O: bytes go in, the body comes out. The head has passed
// head_check before; if Beast understands the framing in another way, that is malformed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace banter::http {

class BodyReader {
 public:
  enum class State : std::uint8_t { more, done, too_large, malformed };

  // body_bytes_max bounds the decoded body.
  explicit BodyReader(std::size_t body_bytes_max);
  ~BodyReader();

  // The whole head, first and once.
  [[nodiscard]] State begin(std::string_view head);
  // Reads from the front of what follows and tells how much; the rest is to be given again, with
  // more behind it (or belongs to the next request, once it is done).
  [[nodiscard]] State feed(std::string_view bytes, std::size_t& consumed);
  // When done.
  [[nodiscard]] std::string take();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace banter::http
