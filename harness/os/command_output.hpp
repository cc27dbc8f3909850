// What another program prints, for facts that only it knows.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace waitbench {

// What `command`, whose first word is a path, prints on standard output and standard error. Empty
// when it cannot be started, does not succeed, or takes longer than some seconds.
std::optional<std::string> output_of(const std::vector<std::string>& command);

// The path of a program, as a shell finds it; empty if there is none that may be started.
std::string find_program(const std::string& name);

}  // namespace waitbench
