// ASSERT: a condition that only a bug can break. Always on, in release builds too: a chat server
// that goes on with a broken invariant loses messages; one that stops is restarted and resumes.
#pragma once

namespace banter::base {
// Writes the place and the reason to stderr and aborts (the core dump holds the rest).
[[noreturn]] void assertion_failed(const char* condition, const char* reason, const char* file,
                                   int line);
}  // namespace banter::base

#define ASSERT(condition, reason)                                               \
  do {                                                                          \
    if (!(condition)) [[unlikely]]                                              \
      ::banter::base::assertion_failed(#condition, reason, __FILE__, __LINE__); \
  } while (false)
