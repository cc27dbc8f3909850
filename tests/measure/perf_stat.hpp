// `perf stat` beside a process: its CPU time and its context switches.
#pragma once

#include <sys/mman.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/measure/perf.hpp"

namespace waitbench {

class PerfStat {
 public:
  struct Reading {
    double cpu_ms = 0;
    double switches = 0;
  };

  // Attached when it returns, and counting. Throws std::runtime_error when perf does not get there.
  explicit PerfStat(pid_t pid)
      : output_(memfd_create("perf-stat", MFD_CLOEXEC)),
        perf_({"stat", "-x,", "-e", "task-clock,context-switches", "--log-fd",
               std::to_string(output_.get()), "-p", std::to_string(pid)},
              {output_.get()}) {}

  // Ends it, and gives what it has counted.
  Reading stop() {
    perf_.stop();
    return {.cpu_ms = value_of("task-clock"), .switches = value_of("context-switches")};
  }

 private:
  // The first field of the line that has the event's name in it.
  double value_of(const std::string& event) const {
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(
        std::max<ssize_t>(pread(output_.get(), text.data(), text.size(), 0), 0)));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      if (line.find("," + event) != line.npos) return std::strtod(line.c_str(), nullptr);
    throw std::runtime_error("perf stat says nothing of " + event + ": " + text);
  }

  Descriptor output_;
  Perf perf_;
};

}  // namespace waitbench
