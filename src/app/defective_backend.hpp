// A backend with one of the defects of base/defect.hpp, if the environment names one. Only in
// builds that have defects.
#pragma once

#include <memory>

#include "app/backend.hpp"
#include "app/config.hpp"

namespace banter::app {

[[nodiscard]] std::unique_ptr<Backend> with_defect(std::unique_ptr<Backend> backend,
                                                   const Config& config);

}  // namespace banter::app
