#pragma once

#include <memory>

#include "harness/workloads/trial_context.hpp"
#include "impls/model.hpp"

namespace waitbench {

// Drives the context's conversations without any I/O: what it costs per query is what the harness
// costs.
std::unique_ptr<Model> make_no_op(const TrialContext& context);

}  // namespace waitbench
