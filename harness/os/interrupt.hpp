// Ctrl-C and SIGTERM, as something that can be asked and waited for: what was measured is kept.
#pragma once

namespace waitbench {

// Catches SIGINT and SIGTERM from now on; a second one ends the process the hard way.
void catch_interrupts();

bool interrupted();

// A descriptor that becomes readable when the process was interrupted, and stays so.
int interrupt_fd();

// Thrown where the work at hand cannot go on because of an interrupt.
struct Interrupted {};

}  // namespace waitbench
