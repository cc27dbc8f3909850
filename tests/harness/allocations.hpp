// Counts what is allocated: the test program's operator new is one that keeps count.
#pragma once

#include <cstddef>

namespace waitbench {

// How often the calling thread has asked operator new for memory so far.
std::size_t allocations();

}  // namespace waitbench
