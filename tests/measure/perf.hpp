// perf beside a process: an instrument that shares no code with the harness.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/os/process.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

class Perf {
 public:
  static constexpr const char* program = "/usr/bin/perf";

  // Starts `perf ARGUMENTS`, a sub-command with its events, which gets `inherited` descriptors. It
  // counts or records when this returns. Throws std::runtime_error when perf does not get there.
  explicit Perf(std::vector<std::string> arguments, std::vector<int> inherited = {}) {
    Pipe orders, answers;
    arguments.insert(arguments.begin() + 1,
                     {"--delay=-1", "--control=fd:" + std::to_string(orders.reader.get()) + "," +
                                        std::to_string(answers.writer.get())});
    inherited.insert(inherited.end(), {orders.reader.get(), answers.writer.get()});
    perf_ = Process({.arguments = std::move(arguments),
                     .cpus = {},
                     .inherited = std::move(inherited),
                     .program = program});
    orders_ = std::move(orders.writer);
    answers_ = std::move(answers.reader);
    answers.writer.reset();
    tell("enable\n");
  }

  void stop() {
    tell("disable\n");
    ::kill(perf_.pid(), SIGINT);
    if (!perf_.wait(now_ns() + 10 * ns_per_s)) throw std::runtime_error("perf does not end");
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
      throw std::runtime_error("perf does not answer");
  }

  Descriptor orders_;
  Descriptor answers_;
  Process perf_;
};

}  // namespace waitbench
