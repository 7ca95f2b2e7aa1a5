#include "http/target.hpp"

#include "wire/forms.hpp"

namespace banter::http {

void split_target(std::string_view target, Target& into) {
  const auto question = target.find('?');
  into.raw_path = target.substr(0, question);
  into.query =
      question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  if (into.raw_path.find('%') == std::string_view::npos) {
    into.path.assign(into.raw_path);
  } else {
    into.path = wire::percent_decoded(into.raw_path, false);
  }
}

}  // namespace banter::http
