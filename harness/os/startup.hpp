// What a process inherits through exec and must not depend on.
#pragma once

namespace waitbench {

// The first thing that main() does. Whoever starts waitbench may leave it signals that are ignored
// or blocked, and standard descriptors that are closed. Afterwards no signal is blocked; children
// can be waited for (SIGCHLD); a write that fails returns an error and does not end the process
// (SIGPIPE, SIGXFSZ); and the descriptors 0 to 2 are open, so that no file and no socket gets one
// of these numbers. Signals that ask the process to end stay ignored where they are, as nohup wants
// it. Throws std::system_error.
void reset_inherited_state();

// The opposite, for a program that is not this one: signals as it expects them. Between fork and
// exec; returns false, with errno set, when a call fails.
bool restore_default_signals() noexcept;

}  // namespace waitbench
