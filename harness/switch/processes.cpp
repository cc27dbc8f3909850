// Processes in a ring: as threads, but each switch changes the address space too.
#include "harness/switch/token_ring.hpp"
#include "impls/lib/children.hpp"

namespace waitbench::micro {
namespace {

template <class Link>
void ring_of_processes(benchmark::State& state, RingSize size, Where where, CpuPair cpus) {
  TokenRing<Link> ring(size, where, cpus);
  Children children;
  for (std::size_t i = 1; i < size.contexts; ++i) children.start([&ring, i] { ring.pass_on(i); });
  ring.time_laps(state);
  children.wait_for_all();
}

}  // namespace

std::vector<Benchmark> process_benchmarks() {
  std::vector<Benchmark> all = over_token_rings<PipeLink>(
      {.model = "process-pipe",
       .style = "process",
       .operation = "a process writes a byte into a pipe to the next one, and reads from its own"},
      ring_of_processes<PipeLink>);
  append(all, over_token_rings<SocketLink>(
                  {.model = "process-socket",
                   .style = "process",
                   .operation = "a process writes a byte to a socket of a pair whose "
                                "other end the next one reads, and reads its own"},
                  ring_of_processes<SocketLink>));
  return all;
}

}  // namespace waitbench::micro
