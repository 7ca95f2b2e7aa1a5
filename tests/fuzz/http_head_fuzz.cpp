// Requests as a connection reads them: head, body, next head, until something is refused. The first
// byte of the input says into how small pieces the rest is cut: the same bytes cut anywhere have to
// give the same requests.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_reader.hpp"
#include "http/head_check.hpp"
#include "http/target.hpp"

namespace {

using namespace banter::http;

constexpr std::size_t head_bytes_max = 1024;
constexpr std::size_t body_bytes_max = 512;

void require(bool condition) {
  if (!condition) std::abort();
}

// A request as text, or "!" and why reading ended; takes it off the front of the input. False: more
// is needed, or nothing will be read any more.
class Reader {
 public:
  void add(std::string_view piece) {
    input_.append(piece);
    while (step()) {
    }
  }
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

 private:
  bool end(const char* why) {
    requests_.push_back(why);
    ended_ = true;
    return false;
  }

  bool step() {
    if (ended_) return false;
    return body_ ? read_body() : read_head();
  }

  bool read_head() {
    const auto end_of_head = find_head_end(input_, seen_);
    if (end_of_head.state == HeadEnd::State::malformed) return end("!head");
    const bool complete = end_of_head.state == HeadEnd::State::complete;
    if ((complete ? end_of_head.bytes : input_.size()) > head_bytes_max) return end("!long");
    if (!complete) {
      seen_ = input_.size();
      return false;
    }
    const std::string text = input_.substr(0, end_of_head.bytes);
    input_.erase(0, end_of_head.bytes);
    seen_ = 0;
    const auto head = check_head(text);
    if (!head) return end("!check");
    require(!(head->chunked && head->content_length));
    require(head->host || !head->http_1_1);
    Target target;
    split_target(head->target, target);
    request_ = std::string(name_of(head->method)) + " " + target.path + "\n";
    if (!head->has_body()) {
      requests_.push_back(request_);
      return true;
    }
    body_ = std::make_unique<BodyReader>(body_bytes_max);
    switch (body_->begin(text)) {
      case BodyReader::State::more:
        return true;
      case BodyReader::State::too_large:
        return end("!large");
      default:
        return end("!body");
    }
  }

  bool read_body() {
    std::size_t consumed = 0;
    const auto state = body_->feed(input_, consumed);
    require(consumed <= input_.size());
    input_.erase(0, consumed);
    switch (state) {
      case BodyReader::State::more:
        return false;
      case BodyReader::State::too_large:
        return end("!large");
      case BodyReader::State::malformed:
        return end("!body");
      case BodyReader::State::done:
        requests_.push_back(request_ + body_->take());
        require(requests_.back().size() <= request_.size() + body_bytes_max);
        body_.reset();
        return true;
    }
    return false;
  }

  std::string input_;
  std::size_t seen_ = 0;
  std::string request_;
  std::unique_ptr<BodyReader> body_;
  std::vector<std::string> requests_;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} % 16 + 1;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  Reader whole;
  whole.add(input);
  Reader cut;
  for (std::size_t at = 0; at < input.size(); at += piece) cut.add(input.substr(at, piece));
  // A head that is too long may be malformed further on: cut small, the length is noticed first.
  const auto& a = whole.requests();
  const auto& b = cut.requests();
  if (!a.empty() && !b.empty() && a.back() != b.back()) {
    require(a.back().starts_with('!') && b.back().starts_with('!'));
    require(a.size() == b.size());
    require(std::vector(a.begin(), a.end() - 1) == std::vector(b.begin(), b.end() - 1));
  } else {
    require(a == b);
  }
  return 0;
}
