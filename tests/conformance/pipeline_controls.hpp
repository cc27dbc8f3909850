// Negative controls that are to pipeline their queries, and do not.
#pragma once

#include <vector>

#include "harness/trial/participant.hpp"

namespace waitbench {

std::vector<Participant> pipeline_controls();

}  // namespace waitbench
