// `perf stat` beside a process: an instrument that shares no code with the harness.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

#include "harness/process.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

class PerfStat {
 public:
  struct Reading {
    double cpu_ms = 0;
    double switches = 0;
  };

  static constexpr const char* program = "/usr/bin/perf";

  // Attached when it returns, and counting. Throws std::runtime_error when perf does not get there.
  explicit PerfStat(pid_t pid) : output_(memfd_create("perf-stat", MFD_CLOEXEC)) {
    Pipe orders, answers;
    const std::string control =
        "fd:" + std::to_string(orders.reader.get()) + "," + std::to_string(answers.writer.get());
    perf_ = Process({.arguments = {"stat", "-x,", "-e", "task-clock,context-switches", "--delay=-1",
                                   "--control", control, "--log-fd", std::to_string(output_.get()),
                                   "-p", std::to_string(pid)},
                     .cpus = {},
                     .inherited = {orders.reader.get(), answers.writer.get(), output_.get()},
                     .program = program});
    orders_ = std::move(orders.writer);
    answers_ = std::move(answers.reader);
    answers.writer.reset();
    tell("enable\n");
  }

  // Ends it, and gives what it has counted.
  Reading stop() {
    tell("disable\n");
    ::kill(perf_.pid(), SIGINT);
    if (!perf_.wait(now_ns() + 10 * ns_per_s)) throw std::runtime_error("perf does not end");
    return {.cpu_ms = value_of("task-clock"), .switches = value_of("context-switches")};
  }

 private:
  struct Pipe {
    Descriptor reader, writer;
    Pipe() {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
      reader.reset(ends[0]);
      writer.reset(ends[1]);
    }
  };

  // perf says "ack" when it has done what it was told.
  void tell(std::string_view order) {
    pollfd answer{.fd = answers_.get(), .events = POLLIN, .revents = 0};
    char text[16];
    const bool told = ::write(orders_.get(), order.data(), order.size()) > 0;
    if (!told || poll(&answer, 1, 10'000) != 1 || ::read(answers_.get(), text, sizeof text) <= 0)
      throw std::runtime_error("perf stat does not answer");
  }

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
  Descriptor orders_;
  Descriptor answers_;
  Process perf_;
};

}  // namespace waitbench
