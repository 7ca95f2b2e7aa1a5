// Disturbance: what is done to a deployment while its clients talk. Implemented where the
// deployment is at hand (verify/local). On the run's thread.
#pragma once

#include "base/task.hpp"
#include "verify/drive/setting.hpp"
#include "verify/drive/stage.hpp"

namespace banter::verify {

class Disturbance {
 public:
  virtual ~Disturbance() = default;
  // Until stop(); when it returns everything is whole again. Throws Unavailable if that cannot be.
  [[nodiscard]] virtual Task<> run(Stage& stage, const Setting& setting) = 0;
  virtual void stop() = 0;
  // The run is over, well or badly: when this returns nothing knows its executor any more.
  virtual void let_go() = 0;
};

}  // namespace banter::verify
