// The results in Google Benchmark's own forms, by its own reporters: each round is a repetition.
#pragma once

#include <span>
#include <string>

#include "harness/switch/report_options.hpp"
#include "harness/switch/rounds.hpp"

namespace waitbench::micro {

// The console has one line for each benchmark, the median; json and csv have the rounds too.
// `net_ns` is the median of the operation alone. Throws std::system_error when `out` cannot be
// written.
void report(std::span<const Measured> all, const ReportOptions& options);

// Throws std::invalid_argument, with what is wrong, when `out` could not be written later.
void check_report_file(const std::string& out);

}  // namespace waitbench::micro
