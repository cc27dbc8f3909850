#include "harness/workloads/offload.hpp"

#include <fmt/format.h>

#include <time.h>

#include <cerrno>
#include <functional>

#include "harness/workloads/cell.hpp"
#include "harness/workloads/numbered_name.hpp"
#include "harness/workloads/trial_context.hpp"
#include "impls/executor.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::string_view threads_prefix = "threads:", processes_prefix = "processes:";

// As a call to a library that knows nothing of loops does: the thread waits in the kernel.
void block_for(std::int64_t duration_ns) {
  const std::int64_t until_ns = now_ns() + duration_ns;
  const timespec until{.tv_sec = until_ns / ns_per_s, .tv_nsec = until_ns % ns_per_s};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) continue;
}

}  // namespace

std::string hint_of(const Axis<Offload>&) {
  return "inline,threads:N,processes:N";
}

std::optional<Offload> value_named(const Axis<Offload>&, std::string_view name) {
  if (name == offload_names[0].name) return Offload::in_place;
  if (const auto workers = number_after(threads_prefix, name, most_helpers))
    return Offload::threads(*workers);
  if (const auto workers = number_after(processes_prefix, name, most_helpers))
    return Offload::processes(*workers);
  return std::nullopt;
}

std::string name_of(const Axis<Offload>&, Offload value) {
  switch (value.to) {
    case Offload::To::nobody: break;
    case Offload::To::threads: return fmt::format("{}{}", threads_prefix, value.workers);
    case Offload::To::processes: return fmt::format("{}{}", processes_prefix, value.workers);
  }
  return std::string(offload_names[0].name);
}

std::unique_ptr<Executor> make_executor(const TrialContext& context) {
  const Cell& cell = context.config.cell;
  if (cell.block_us == 0) return nullptr;
  RunQueue* const of_loop = context.is_loop ? context.run_queue : nullptr;
  const auto block = [duration_ns = static_cast<std::int64_t>(cell.block_us * ns_per_us)] {
    block_for(duration_ns);
  };
  std::unique_ptr<Executor> executor;
  switch (cell.offload.to) {
    case Offload::To::nobody: executor = std::make_unique<InPlace>(block, of_loop); break;
    case Offload::To::threads:
      executor = std::make_unique<WorkerThreads>(cell.offload.workers, block, of_loop);
      break;
    case Offload::To::processes:
      executor = std::make_unique<WorkerProcesses>(
          cell.offload.workers, block, of_loop,
          [&ledger = context.ledger](std::string_view why) { ledger.fail(why); });
      break;
  }
  executor->add_callers(cell.number_of_callers());
  return executor;
}

}  // namespace waitbench
