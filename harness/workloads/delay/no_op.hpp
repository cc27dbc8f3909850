#pragma once

#include <memory>

#include "harness/trial/entrant.hpp"

namespace waitbench {

// Drives the scene's conversations without any I/O: what it costs per query is what the harness
// costs.
std::unique_ptr<Model> make_no_op(const Scene& scene);

}  // namespace waitbench
