// One HTTP request to a node, on a connection of its own. Used on the run's one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/task.hpp"
#include "verify/drive/node_url.hpp"

namespace banter::verify {

struct HttpQuestion {
  std::string target{};
  std::string token{};  // empty: nobody's
  std::string body{};   // JSON; empty: GET, else POST
};

struct HttpAnswer {
  std::int64_t status = 0;  // 0: none came
  std::chrono::seconds retry_after{0};
  std::string body{};  // of status 0: why

  [[nodiscard]] bool ok() const { return status >= 200 && status <= 299; }
};

inline constexpr std::chrono::milliseconds http_call_max{5'000};

// Never throws for what happens outside. A body is at most 8 MiB.
[[nodiscard]] Task<HttpAnswer> ask(Executor executor, const NodeUrl& node, HttpQuestion question,
                                   std::chrono::milliseconds within = http_call_max);

}  // namespace banter::verify
