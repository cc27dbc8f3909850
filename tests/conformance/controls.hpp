// Negative controls: models that do not do the work they would be credited with, each in its own
// way. Every one of them must be found out, and for the right reason; an oracle that lets one pass
// is worth nothing.
#pragma once

#include <span>
#include <vector>

#include "harness/trial/participant.hpp"
#include "impls/catalog.hpp"

namespace waitbench {

std::span<const CatalogRow> negative_controls();

// Those of the real program, and the controls after them.
std::vector<Participant> participants_with_controls();

}  // namespace waitbench
