// The work that a client does for each reply: the axis work_us.
#pragma once

#include <cstdint>

namespace waitbench {

// Burns CPU: the same number of iterations is the same work for every model.
void burn(std::uint64_t iterations);

// How many iterations take a microsecond of CPU time here and now.
double burn_iterations_per_us();

}  // namespace waitbench
