// A ring of threads or of processes: each waits for the token, touches its memory, and gives the
// token to the next. The benchmark itself is the first of them.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "harness/machine/limits.hpp"
#include "harness/machine/placement.hpp"
#include "harness/switch/links.hpp"
#include "harness/switch/ring.hpp"

namespace waitbench::micro {

// Link i leads to context i, from the one before it.
template <class Link>
class TokenRing {
 public:
  TokenRing(RingSize size, Where where, CpuPair cpus)
      : memory_(working_sets(size)),
        links_(std::make_unique<Link[]>(size.contexts)),
        where_(where),
        cpus_(cpus) {}

  std::size_t contexts() const { return memory_.size(); }

  // What all but the first do, until they are told to stop.
  void pass_on(std::size_t self) {
    pin_context(self);
    Token token = Token::go;
    while (token == Token::go) {
      token = links_[self].take();
      memory_[self].touch();
      links_[(self + 1) % contexts()].give(token);
    }
  }

  // What the first does: lap after lap, and a last one in which the others stop.
  void time_laps(benchmark::State& state) {
    pin_context(0);
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(contexts()))) {
      memory_[0].touch();
      pass_round(Token::go);
    }
    pass_round(Token::stop);
  }

  // For those that were started when not all could be.
  void stop_others() { links_[1].give(Token::stop); }

 private:
  void pass_round(Token token) {
    links_[1].give(token);
    links_[0].take();
  }

  void pin_context(std::size_t self) const {
    const int cpu = where_ == Where::cross_cpu && self % 2 == 1 ? cpus_.second : cpus_.first;
    pin({&cpu, 1});
  }

  std::vector<WorkingSet> memory_;
  std::unique_ptr<Link[]> links_;
  Where where_;
  CpuPair cpus_;
};

// Why this machine has no room for so many links; empty when it has.
template <class Link>
std::string objection_to_links(std::size_t links) {
  constexpr std::size_t others = 64;
  const std::size_t limit = machine_limits().descriptors;
  if (links * Link::descriptors + others <= limit) return "";
  return fmt::format("{} contexts pass the limit of {} descriptors", links, limit);
}

// One benchmark for each size of the ring on one CPU, and for the plainest ones across CPUs, where
// a ring longer than two would go to and fro in the same way.
template <class Link>
std::vector<Benchmark> over_token_rings(const Benchmark& common,
                                        void (*run)(benchmark::State&, RingSize, Where, CpuPair)) {
  std::vector<Benchmark> all;
  const auto add = [&](RingSize size, Where where) {
    Benchmark benchmark = in_ring(common, size);
    benchmark.axes.where = where;
    benchmark.run = [=](benchmark::State& state, CpuPair cpus) { run(state, size, where, cpus); };
    benchmark.unavailable = [=] { return objection_to_links<Link>(size.contexts); };
    all.push_back(std::move(benchmark));
  };
  for (const RingSize size : ring_sizes) add(size, Where::same_cpu);
  for (const RingSize size : ring_sizes)
    if (size.contexts == ring_sizes.front().contexts) add(size, Where::cross_cpu);
  return all;
}

}  // namespace waitbench::micro
