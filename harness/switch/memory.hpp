// How much memory the machine holds for this process and its children, so that the difference of
// two readings says what was made in between.
#pragma once

#include <sys/types.h>

#include <span>

namespace waitbench::micro {

// Resident memory of this process, what its children have for themselves, and what the kernel keeps
// for the whole machine in stacks, page tables and objects: what others do meanwhile shows in the
// last. In bytes; 0 for what is not to be known.
double memory_in_use_bytes(std::span<const pid_t> children);

}  // namespace waitbench::micro
