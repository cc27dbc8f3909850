// For a process that answers for all that it has started: whatever its children leave behind
// becomes its own child, and is ended with the rest.
#pragma once

namespace waitbench {

// Throws std::system_error.
void adopt_orphans();

// Kills all descendants, until none is left or some seconds have passed: what is killed may have
// started another one just before. Throws as process_tree() does.
void end_descendants();

}  // namespace waitbench
