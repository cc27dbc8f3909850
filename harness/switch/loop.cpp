// The empty loop, which is subtracted from all others, and the callback: to go on is a call.
#include "harness/switch/ring.hpp"

namespace waitbench::micro {
namespace {

void turn_without_switch(benchmark::State& state, RingSize size) {
  std::vector<WorkingSet> memory = working_sets(size);
  take_turns(state, size.contexts, [&](std::size_t i) { memory[i].touch(); });
}

// What an event loop knows of a waiting conversation: whom to call, with what.
struct Callback {
  void (*function)(Callback&);
  WorkingSet memory;
};

void call_back(benchmark::State& state, RingSize size) {
  std::vector<Callback> callbacks(
      size.contexts,
      Callback{[](Callback& self) { self.memory.touch(); }, WorkingSet(size.working_set_bytes)});
  take_turns(state, size.contexts, [&](std::size_t i) {
    benchmark::ClobberMemory();  // or the compiler would know whom we call
    callbacks[i].function(callbacks[i]);
  });
}

}  // namespace

std::vector<Benchmark> loop_benchmarks() {
  std::vector<Benchmark> all = over_ring_sizes(
      {.model = "loop",
       .role = "no-op",
       .operation = "nothing is switched: one turn of the loop, and of the memory touched in it, "
                    "that is subtracted from the others"},
      turn_without_switch);
  append(all,
         over_ring_sizes({.model = "callback",
                          .style = "callback",
                          .operation = "a loop calls the next of its callbacks through a pointer, "
                                       "and it returns"},
                         call_back));
  return all;
}

}  // namespace waitbench::micro
