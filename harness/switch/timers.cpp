// The timers of an engine: what it costs to give a step a time limit that it does not reach, and
// what it costs when it does.
#include <cstddef>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/os/random.hpp"
#include "harness/switch/ring.hpp"
#include "impls/engines/all.hpp"
#include "impls/engines/timers.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench::micro {
namespace {

using benchmark::State;

// As connections do that have queries with a time limit under way: a reply comes to one of them,
// which asks its next query.
template <Engine E>
void arm_and_cancel(State& state, std::size_t armed) {
  using Channel = typename E::Channel;
  constexpr std::uint32_t limit_us = 60'000'000;
  Timers<Channel> timers;
  const auto channels = std::make_unique<Channel[]>(armed);
  Step step = Step::read(nullptr, 1);
  step.timeout_us = limit_us;
  std::vector<std::uint32_t> order(armed);
  std::iota(order.begin(), order.end(), 0);
  for (const std::uint32_t i : order) timers.arm(channels[i], step);
  Random(1).shuffle(std::span(order));
  std::size_t next = 0;
  take_turns(state, ring_sizes.front().contexts, [&](std::size_t) {
    Channel& channel = channels[order[next]];
    if (++next == armed) next = 0;
    timers.disarm(channel);
    timers.arm(channel, step);
  });
}

template <Engine E>
void fire(State& state, std::size_t armed) {
  using Channel = typename E::Channel;
  const auto channels = std::make_unique<Channel[]>(armed + 1);  // which outlive the engine
  E engine;
  const std::int64_t later_ns = now_ns() + 3600 * ns_per_s;
  for (std::size_t i = 0; i < armed; ++i)
    engine.start(channels[i], Step::sleep(later_ns + static_cast<std::int64_t>(i)));
  Channel& due = channels[armed];
  for (auto _ : state) {
    const Channel* fired = nullptr;
    engine.start(due, Step::sleep(now_ns()));
    while (fired == nullptr) engine.wait([&](Channel& channel, Outcome) { fired = &channel; });
    if (fired != &due) throw std::runtime_error("another timer fired than the one that was due");
  }
}

template <Engine E>
void add_engine(std::vector<Benchmark>& all) {
  for (const std::size_t armed : {1, 100, 10'000}) {
    const auto add = [&](std::string_view situation, std::string operation,
                         void (*run)(State&, std::size_t)) {
      all.push_back({.family = "timer",
                     .model = std::string(E::name),
                     .engine = std::string(E::name),
                     .operation = std::move(operation),
                     .axes = {.armed = armed, .situation = situation},
                     .run = [=](State& state, CpuPair) { run(state, armed); }});
    };
    add("cancelled", "one of the armed timers is cancelled, and armed anew", arm_and_cancel<E>);
    add("fired",
        "a timer that is due is armed beside the others, and the engine waits and finds it",
        fire<E>);
    if constexpr (requires { E::unavailable(); }) all.back().unavailable = E::unavailable;
  }
}

template <Engine... E>
void add_engines(std::vector<Benchmark>& all, EngineList<E...>) {
  (add_engine<E>(all), ...);
}

}  // namespace

std::vector<Benchmark> timer_benchmarks() {
  std::vector<Benchmark> all;
  add_engines(all, Engines());
  return all;
}

}  // namespace waitbench::micro
