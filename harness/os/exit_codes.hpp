// What the exit codes of the program mean.
#pragma once

namespace waitbench {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;  // it was carried out, and something failed
inline constexpr int exit_usage = 2;   // it could not be carried out as given
inline constexpr int exit_interrupted = 130;

}  // namespace waitbench
