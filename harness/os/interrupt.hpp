// Ctrl-C and the other signals that ask a process to end, as something that can be asked and waited
// for: what was measured is kept.
#pragma once

namespace waitbench {

// Catches SIGINT, SIGTERM, SIGHUP and SIGQUIT from now on, except those that are ignored: nohup,
// and a shell that starts a command in the background, ignore a signal because it is not to end the
// command. A further signal ends the process at once, if it comes half a second later or more.
// Sooner ones are copies of the first: timeout(1) sends its signal twice, and a process whose
// terminal is gone gets SIGHUP from its shell and from the kernel. Throws std::system_error.
void catch_interrupts();

bool interrupted();

// A descriptor that becomes readable when the process was interrupted, and stays so.
int interrupt_fd();

// Thrown where the work at hand cannot go on because of an interrupt.
struct Interrupted {};

}  // namespace waitbench
