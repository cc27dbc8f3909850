// The scheduler's tracepoints, recorded by perf: when a thread was woken, and when it ran.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/measure/perf.hpp"

namespace waitbench {

class SchedulerTrace {
 public:
  // Of one thread, in total.
  struct Reading {
    double ran_ms = 0;         // from each switch to it until the switch away
    double until_runs_ms = 0;  // from each wake-up, when it is queued on its CPU, until it runs
  };

  SchedulerTrace()
      : file_(std::filesystem::temp_directory_path() /
              ("waitbench-sched-" + std::to_string(getpid()) + ".data")),
        perf_({"record", "-q", "-a", "-m", "4096", "-e", "sched:sched_wakeup,sched:sched_switch",
               "-o", file_.string()}) {}
  SchedulerTrace(const SchedulerTrace&) = delete;
  SchedulerTrace& operator=(const SchedulerTrace&) = delete;
  ~SchedulerTrace() { std::filesystem::remove(file_); }

  Reading stop(pid_t thread) {
    perf_.stop();
    const std::string command = std::string(Perf::program) +
                                " config --ns -F time,event,trace -i " + file_.string() +
                                " 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> lines(popen(command.c_str(), "r"), pclose);
    if (!lines) throw std::runtime_error("perf config does not start");
    Follower follower(thread);
    char line[1024];
    while (fgets(line, sizeof line, lines.get()) != nullptr) follower.take(line);
    return follower.reading;
  }

 private:
  // Follows one thread through the lines "12.345678901: sched:NAME: key=value ...".
  struct Follower {
    explicit Follower(pid_t thread) : number(std::to_string(thread) + " ") {}

    void take(const std::string& line) {
      const double now_ms = std::strtod(line.c_str(), nullptr) * 1000;
      const auto says = [&](const std::string& what) { return line.find(what) != line.npos; };
      if (says("sched_wakeup:") && says(" pid=" + number)) woken_ms = now_ms;
      if (says("next_pid=" + number)) begin(now_ms);
      if (says("prev_pid=" + number)) end(now_ms);
    }

    void begin(double now_ms) {
      if (woken_ms > 0) reading.until_runs_ms += now_ms - woken_ms;
      woken_ms = 0;
      runs_since_ms = now_ms;
    }

    void end(double now_ms) {
      if (runs_since_ms > 0) reading.ran_ms += now_ms - runs_since_ms;
      runs_since_ms = 0;
    }

    std::string number;
    Reading reading;
    double woken_ms = 0, runs_since_ms = 0;  // 0: not seen
  };

  std::filesystem::path file_;
  Perf perf_;
};

}  // namespace waitbench
