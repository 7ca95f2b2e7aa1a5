// The request target: path and query. Pure. The path is percent-decoded once and never normalised
// ("//" and ".." stand for themselves, so nothing can be reached by spelling it differently); the
// query is kept as sent, wire/forms reads it.
#pragma once

#include <string>
#include <string_view>

namespace banter::http {

struct Target {
  std::string path;           // decoded; any bytes
  std::string_view raw_path;  // as sent
  std::string_view query;     // as sent, without the '?'
};

// Reuses the memory of `into`, whose views point into `target`. Bad percent escapes stay as they
// are.
void split_target(std::string_view target, Target& into);

}  // namespace banter::http
