// Samples: memory and descriptors of the nodes over the run, from their /metrics; nodes that do not
// show it are left out. Owned by the run; one thread.
#pragma once

#include "verify/drive/http_call.hpp"
#include "verify/drive/stage.hpp"

namespace banter::verify {

// Asks every node once.
[[nodiscard]] Task<> take_samples(Stage& stage, SampleWhen when);

}  // namespace banter::verify
