// Telling a loop that there is something to do: from itself, and from a loop on another CPU.
#include <atomic>
#include <string>
#include <thread>

#include "harness/machine/placement.hpp"
#include "harness/switch/actors.hpp"
#include "harness/switch/mailboxes.hpp"
#include "harness/switch/ring.hpp"

namespace waitbench::micro {
namespace {

using benchmark::State;

template <class Mailbox>
void post_to_itself(State& state, CpuPair) {
  Mailbox mailbox;
  for (auto _ : state) {
    mailbox.post_to(mailbox);
    mailbox.wait();
  }
}

// To and fro: each loop is told by the other. A failure of the other ends the process, as the
// turn's row then says.
template <class Mailbox>
void post_to_another(State& state, CpuPair cpus) {
  Mailbox ours, theirs;
  ours.post_to(ours);  // a ring can be told of nothing before its thread has used it
  ours.wait();
  std::atomic<bool> over = false;
  const std::jthread other([&]() noexcept {
    pin({&cpus.second, 1});
    while (!over) {
      theirs.post_to(ours);
      theirs.wait();
    }
  });
  ours.wait();
  while (state.KeepRunningBatch(2)) {
    ours.post_to(theirs);
    ours.wait();
  }
  over = true;
  ours.post_to(theirs);
  ours.post_to(ours);
  ours.wait();
}

// What needs no kernel: a task asks for another turn of its own loop.
void push_into_run_queue(State& state, CpuPair) {
  struct Again {
    RunQueue& run_queue;
    bool begin(Waiter& self) {
      run_queue.push(self);
      return false;
    }
    bool finish(bool) { return true; }
  };
  using Task = CallbackActing<Again>;
  RunQueue run_queue;
  Again again{run_queue};
  Cast<Task> cast(1);
  cast[0].start(again);
  take_turns(state, ring_sizes.front().contexts,
             [&](std::size_t) { static_cast<Task*>(run_queue.take())->resume(); });
}

template <class Mailbox>
void add_mailbox(std::vector<Benchmark>& all, const char* engine, const char* means) {
  const auto add = [&](Where where, const char* whom, void (*run)(State&, CpuPair)) {
    all.push_back({.family = "post",
                   .model = engine,
                   .engine = engine,
                   .operation = std::string("a loop tells ") + whom + " by " + means +
                                ", which wakes up from its wait",
                   .axes = {.where = where},
                   .run = run});
    if constexpr (requires { Mailbox::unavailable(); })
      all.back().unavailable = Mailbox::unavailable;
  };
  add(Where::same_cpu, "itself", post_to_itself<Mailbox>);
  add(Where::cross_cpu, "a loop on another CPU", post_to_another<Mailbox>);
}

}  // namespace

std::vector<Benchmark> post_benchmarks() {
  std::vector<Benchmark> all;
  all.push_back(
      {.family = "post",
       .model = "run-queue",
       .role = "reference",
       .operation = "a callback asks for another turn of its own loop, without the kernel",
       .axes = {.where = Where::same_cpu},
       .run = push_into_run_queue});
  add_mailbox<SelectMailbox>(all, "select", "an eventfd");
  add_mailbox<PollMailbox>(all, "poll", "an eventfd");
  add_mailbox<EpollMailbox>(all, "epoll", "an eventfd");
#if WAITBENCH_WITH_LIBUV
  add_mailbox<LibuvMailbox>(all, "libuv", "uv_async_send");
#endif
#if WAITBENCH_WITH_IO_URING
  add_mailbox<RingMailbox>(all, "io_uring", "a message to its ring");
#endif
  return all;
}

}  // namespace waitbench::micro
