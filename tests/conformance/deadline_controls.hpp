// Controls that cheat with the deadlines of their queries.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "impls/engines/epoll.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"
#include "tests/conformance/liar.hpp"

namespace waitbench {

// Waits for every reply, however late.
class IgnoresDeadlines : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    step.timeout_us = 0;
    return Epoll::start(channel, step);
  }
};

class CancelsEarly : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    constexpr std::uint32_t early_us = 100;
    step.timeout_us = std::min<std::uint32_t>(step.timeout_us, early_us) & 0xff;
    return Epoll::start(channel, step);
  }
};

// Keeps the connection of a query that it has cancelled, and uses another one.
class LeavesOpen : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind == StepKind::close) kept_.push_back(std::move(channel.socket));
    return Epoll::start(channel, step);
  }

 private:
  std::vector<Descriptor> kept_;
};

// Reads a reply that has come in time, and lets the time run out.
class PretendsToCancel : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    if (std::exchange(pretends_, false)) return talk_.resume(-ETIMEDOUT);
    pretends_ = last_.kind == StepKind::read && last_.timeout_us != 0 && moved > 0;
    return pretends_ ? Step::sleep(now_ns() + last_.timeout_us * ns_per_us) : talk_.resume(moved);
  }

  bool pretends_ = false;
};

// Does not send what it cancels.
class CancelsUnsent : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    const Step step = talk_.resume(std::exchange(pretends_, false) ? -ETIMEDOUT : moved);
    if (step.kind != StepKind::write || step.timeout_us == 0) return step;
    const Step read = talk_.resume(static_cast<Outcome>(step.size));
    pretends_ = true;
    return Step::sleep(now_ns() + read.timeout_us * ns_per_us);
  }

  bool pretends_ = false;
};

// Asks anew on the connection of the query that it has cancelled, when the reply to that is there.
class KeepsConnection : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    const bool has_cancelled = last_.kind == StepKind::read && moved == -ETIMEDOUT;
    Step step = talk_.resume(moved);
    if (has_cancelled) return Step::sleep(now_ns() + 100 * ns_per_ms);
    if (last_.kind == StepKind::sleep && step.kind == StepKind::connect) step = talk_.resume(0);
    return step;
  }
};

}  // namespace waitbench
