#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace banter::base {

void assertion_failed(const char* condition, const char* reason, const char* file, int line) {
  std::fprintf(stderr, "event=assertion_failed condition=\"%s\" reason=\"%s\" at=%s:%d\n",
               condition, reason, file, line);
  std::abort();
}

}  // namespace banter::base
