// The process as /proc sees it, under the names that Prometheus clients agree on: memory, processor
// time, descriptors, start. Looked up when scraped.
#pragma once

#include "base/metrics.hpp"

namespace banter::http {

// Once per process; `registry` keeps what it needs.
void add_process_metrics(base::Metrics& registry);

}  // namespace banter::http
