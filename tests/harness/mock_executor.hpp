// A TrialExecutor without processes: every turn succeeds at once, unless the test makes a step
// fail.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run/pass_options.hpp"

namespace waitbench {

// What the passes asked of their executors, and what the test has them answer. It outlives them.
struct MockPlay {
  // Called before each step with its name ("start", "turn", "finish"), the participant, and how
  // often that participant has taken this step before. What it throws is the step's outcome.
  std::function<void(std::string_view step, std::string_view participant, std::size_t before)>
      fault = [](std::string_view, std::string_view, std::size_t) {};
  // The turn as the pass shall see it.
  std::function<Turn(std::string_view participant, std::size_t before)> turn = [](std::string_view,
                                                                                  std::size_t) {
    return Turn{.queries = 100, .queries_per_second = 1000, .client_cpu_us_per_query = 10};
  };
  std::vector<std::string> steps{};  // "start blocking", "turn blocking" ...
  Cell cell{};                       // of the trial that was started last

  std::size_t count(const std::string& step) const {
    return static_cast<std::size_t>(std::count(steps.begin(), steps.end(), step));
  }
};

class MockExecutor final : public TrialExecutor {
 public:
  explicit MockExecutor(MockPlay& play) : play_(play) {}

  TrialHandle& start(const Participant& participant, TrialOrder order, std::size_t) override {
    play_.cell = order.cell;
    take("start", participant.name);
    trials_.push_back({.handle = {}, .name = participant.name});
    return trials_.back().handle;
  }
  Turn take_turn(TrialHandle& handle, std::uint64_t, Latency*) override {
    const std::string_view name = name_of(handle);
    const std::size_t before = take("turn", name);
    return play_.turn(name, before);
  }
  Turn take_turn(TrialHandle& handle, const Schedule&, Latency* latency) override {
    return take_turn(handle, std::uint64_t{0}, latency);
  }
  void finish(TrialHandle& handle) override { take("finish", name_of(handle)); }
  void abandon(TrialHandle& handle) override { take("abandon", name_of(handle)); }

 private:
  struct Trial {
    TrialHandle handle;
    std::string_view name;
  };

  std::string_view name_of(const TrialHandle& handle) const {
    for (const Trial& trial : trials_)
      if (&trial.handle == &handle) return trial.name;
    throw std::logic_error("a handle of another executor");
  }

  std::size_t take(std::string_view step, std::string_view name) {
    const std::string what = fmt::format("{} {}", step, name);
    const std::size_t before = play_.count(what);
    play_.steps.push_back(what);
    play_.fault(step, name, before);
    return before;
  }

  MockPlay& play_;
  std::deque<Trial> trials_;  // whose handles stay where they are
};

inline PassOptions mock_options(MockPlay& play) {
  PassOptions options;
  options.placement.client_cpus = {0};
  options.make_executor = [&play](const StageOptions&) {
    return std::make_unique<MockExecutor>(play);
  };
  return options;
}

}  // namespace waitbench
