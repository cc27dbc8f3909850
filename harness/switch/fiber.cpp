// Stacks of their own in a ring: our fibers, Boost.Context without us, and ucontext, which asks the
// kernel to save and restore the signal mask at every switch.
#include <ucontext.h>

#include <boost/context/continuation.hpp>
#include <boost/context/preallocated.hpp>
#include <cerrno>
#include <memory>
#include <span>
#include <system_error>

#include "harness/switch/ring.hpp"
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"

namespace waitbench::micro {
namespace {

// What a context does at each of its turns. What it needs to know stays in registers, which a
// switch saves anyway, wherever the closures lie that told it.
template <class Suspend>
void touch_until(const bool& over, WorkingSet& memory, Suspend suspend) {
  while (!over) {
    memory.touch();
    suspend();
  }
}

void resume_fibers(benchmark::State& state, RingSize size) {
  std::vector<WorkingSet> memory = working_sets(size);
  const Stacks stacks(size.contexts);
  const auto fibers = std::make_unique<StackfulTask[]>(size.contexts);
  bool over = false;
  for (std::size_t i = 0; i < size.contexts; ++i)
    fibers[i].prepare(stacks[i], [&over, &set = memory[i], &fiber = fibers[i]] {
      touch_until(over, set, [&self = fiber] { self.suspend(); });
    });
  take_turns(state, size.contexts, [&](std::size_t i) { fibers[i].resume(); });
  over = true;
  for (std::size_t i = 0; i < size.contexts; ++i) fibers[i].resume();
}

struct LeaveStack {
  boost::context::stack_context allocate() { return {}; }
  void deallocate(boost::context::stack_context&) {}
};

void resume_continuations(benchmark::State& state, RingSize size) {
  using boost::context::continuation;
  std::vector<WorkingSet> memory = working_sets(size);
  const Stacks stacks(size.contexts);
  std::vector<continuation> continuations;
  bool over = false;
  for (std::size_t i = 0; i < size.contexts; ++i) {
    boost::context::stack_context stack;
    stack.sp = stacks[i].data() + stacks[i].size();
    stack.size = stacks[i].size();
    continuations.push_back(boost::context::callcc(
        std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack), LeaveStack{},
        [&over, &set = memory[i]](continuation&& outside) {
          outside = outside.resume();
          touch_until(over, set, [&] { outside = outside.resume(); });
          return std::move(outside);
        }));
  }
  take_turns(state, size.contexts,
             [&](std::size_t i) { continuations[i] = continuations[i].resume(); });
  over = true;
  for (continuation& one : continuations) one = one.resume();
}

// makecontext() passes nothing but ints, so what a context needs to know waits in `entering`.
struct UserContext {
  ucontext_t inside;
  ucontext_t* outside;
  WorkingSet* memory;

  static inline UserContext* entering = nullptr;

  static void run() {
    UserContext& self = *entering;
    while (true) {
      self.memory->touch();
      swapcontext(&self.inside, self.outside);
    }
  }
};

// Runs it until it switches back for the first time.
void begin(UserContext& context, std::span<std::byte> stack) {
  if (getcontext(&context.inside) != 0)
    throw std::system_error(errno, std::generic_category(), "getcontext");
  context.inside.uc_stack = {.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
  context.inside.uc_link = nullptr;
  makecontext(&context.inside, UserContext::run, 0);
  UserContext::entering = &context;
  swapcontext(context.outside, &context.inside);
}

void swap_contexts(benchmark::State& state, RingSize size) {
  std::vector<WorkingSet> memory = working_sets(size);
  const Stacks stacks(size.contexts);
  std::vector<UserContext> contexts(size.contexts);
  ucontext_t outside;
  for (std::size_t i = 0; i < size.contexts; ++i) {
    contexts[i].outside = &outside;
    contexts[i].memory = &memory[i];
    begin(contexts[i], stacks[i]);
  }
  take_turns(state, size.contexts,
             [&](std::size_t i) { swapcontext(&outside, &contexts[i].inside); });
}

}  // namespace

std::vector<Benchmark> fiber_benchmarks() {
  std::vector<Benchmark> all =
      over_ring_sizes({.model = "fiber",
                       .style = "fiber",
                       .operation = "a driver switches to the next of its fibers, which switches "
                                    "back: two switches of stacks"},
                      resume_fibers);
  append(all, over_ring_sizes({.model = "callcc",
                               .style = "fiber",
                               .role = "reference",
                               .operation = "a driver switches to the next bare continuation of "
                                            "Boost.Context, which switches back"},
                              resume_continuations));
  append(all, over_ring_sizes({.model = "ucontext",
                               .style = "fiber",
                               .operation = "a driver switches with swapcontext() to the next "
                                            "stack, which switches back"},
                              swap_contexts));
  return all;
}

}  // namespace waitbench::micro
