#include "harness/run/verification.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <iterator>
#include <memory>
#include <thread>

#include "harness/os/interrupt.hpp"
#include "harness/run/trial_parameters.hpp"
#include "harness/stage/stage.hpp"

namespace waitbench {
namespace {

constexpr double usual_delay_us = 200;
constexpr std::size_t some = 64;
constexpr std::size_t many = 1000;

// At least three queries for each that can be in flight, so that every conversation is very likely
// to have asked again after it was answered; and twice, so that it was held in between. With 1,000
// each of them once more is enough, since it is their number that is put to the test. Of a pool so
// many are asked that each client has its turn (see pool_check.cpp), but for replies that come byte
// by byte, which take long enough.
struct Extent {
  std::size_t turns;
  std::uint64_t queries;
};

Extent extent_of(std::size_t max_in_flight, const VerificationCase& which) {
  const Cell& cell = which.cell;
  if (cell.connections.is_pool() && !which.single_bytes)
    return {.turns = 2, .queries = 20 * cell.in_flight};
  if (max_in_flight >= many) return {.turns = 1, .queries = max_in_flight + 5};
  return {.turns = 2, .queries = 3 * max_in_flight + 5};
}

void perform(Stage& stage, const Participant& participant, const VerificationCase& which) {
  TrialOrder order;
  order.cell = which.cell;
  order.seed = 1;
  order.check_every_byte = true;
  order.single_bytes = which.single_bytes;
  const Cell& cell = which.cell;
  const auto [turns, least] =
      extent_of(participant.most_conversations(cell) * cell.pipeline, which);
  const std::uint64_t queries = cell.whole_fan_outs(least);
  TrialHandle& trial = stage.start(participant, order, 2 * (queries + which.cell.in_flight));
  for (std::size_t turn = 0; turn < turns; ++turn) stage.take_turn(trial, queries, nullptr);
  stage.finish(trial);
}

// A stage keeps what its trials leave, and a failed one may still have a report under way: so each
// participant has a stage of its own for each workload, and a new one after each failure.
Finding examine(std::unique_ptr<Stage>& stage, const Participant& participant,
                const VerificationCase& which, const StageOptions& options) {
  const Eligibility may = eligible(participant, which.cell, options.placement);
  if (!may) return {&participant, which, Verdict::skipped, may.reason};
  try {
    if (interrupted()) throw Interrupted{};
    if (!stage || stage->workload() != which.cell.workload) {
      stage.reset();
      StageOptions of_workload = options;
      of_workload.workload = which.cell.workload;
      stage = std::make_unique<Stage>(of_workload);
    }
    perform(*stage, participant, which);
    return {&participant, which, Verdict::passed, ""};
  } catch (const std::exception& error) {  // TrialFailed, BackendFailed, std::system_error
    stage.reset();
    return {&participant, which, Verdict::failed, error.what()};
  }
}

std::vector<Finding> examine(const VerificationPlan& plan, const StageOptions& options) {
  std::unique_ptr<Stage> stage;
  std::vector<Finding> findings;
  for (const VerificationCase& which : plan.cases)
    findings.push_back(examine(stage, *plan.participant, which, options));
  return findings;
}

// Threads that examine one plan after the other.
class Examiners {
 public:
  Examiners(std::span<const VerificationPlan> plans, const VerificationOptions& options)
      : plans_(plans),
        options_{.placement = options.placement, .deadline_ns = options.deadline_ns},
        findings_(plans.size()) {
    const std::size_t number = std::clamp<std::size_t>(options.at_once, 1, plans.size());
    for (std::size_t i = 0; i < number; ++i) threads_.emplace_back([this] { examine_plans(); });
  }

  ~Examiners() {
    next_ = plans_.size();  // what is not begun is left out
    for (std::thread& thread : threads_) thread.join();
  }
  Examiners(const Examiners&) = delete;
  Examiners& operator=(const Examiners&) = delete;

  // Waits for those of the plan of this index. Throws what examining it threw.
  std::vector<Finding> findings_of(std::size_t index) {
    return findings_[index].get_future().get();
  }

 private:
  void examine_plans() {
    for (std::size_t i = next_++; i < plans_.size(); i = next_++) {
      try {
        findings_[i].set_value(examine(plans_[i], options_));
      } catch (...) {  // Interrupted
        findings_[i].set_exception(std::current_exception());
      }
    }
  }

  std::span<const VerificationPlan> plans_;
  StageOptions options_;
  std::vector<std::promise<std::vector<Finding>>> findings_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

// Where a deadline may fire, it fires as often in the case, and after a time that is the same for
// all; where it is far off, it stays that.
void shorten_deadline(const Cell& timed, Cell& cell) {
  constexpr std::uint32_t soon_us = 2000;
  constexpr double far_off = 10;  // of the mean delay
  if (timed.deadline_us == 0 || timed.deadline_us > far_off * timed.delay_us) return;
  cell.delay_us = std::min(longest_delay_us, timed.delay_us * soon_us / timed.deadline_us);
  cell.delay_shape = timed.delay_shape;
  cell.deadline_us = soon_us;
}

// The case of a cell. All delays are alike, so that cells that differ in nothing else are one case.
VerificationCase case_of(const Cell& timed) {
  Cell cell = timed;
  cell.delay_us = usual_delay_us;
  cell.delay_shape = Cell{}.delay_shape;
  cell.work_us = 0;
  cell.rate_qps = 0;
  shorten_deadline(timed, cell);
  return {cell};
}

// The same with replies that arrive byte by byte, which takes long if they are many.
VerificationCase split_case_of(const Cell& timed) {
  VerificationCase which = case_of(timed);
  const std::size_t together = timed.fan_out * timed.pipeline;  // of which one is 1
  const std::size_t fewer = std::max<std::size_t>(1, some / together) * together;
  which.cell.in_flight = std::min(which.cell.in_flight, fewer);
  which.cell.idle = 0;
  which.cell.reply_bytes = 16;
  which.single_bytes = true;
  return which;
}

void add_case(VerificationPlan& plan, const VerificationCase& which) {
  if (std::ranges::find(plan.cases, which) == plan.cases.end()) plan.cases.push_back(which);
}

}  // namespace

std::span<const std::size_t> usual_numbers() {
  static constexpr std::size_t numbers[] = {1, 7, some, many};
  return numbers;
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  std::vector<VerificationCase> cases;
  for (const Workload* workload : workloads())
    std::ranges::copy(workload->verification_cases(numbers), std::back_inserter(cases));
  return cases;
}

std::vector<VerificationPlan> plan_verification(const RunPlan& run) {
  std::vector<VerificationPlan> plans;
  for (const CellPlan& cell : run.cells)
    for (const Entry& entry : cell.entries) {
      // The no-op makes its replies up: there is no work of its own to verify.
      if (entry.participant->role == Role::no_op) continue;
      auto plan = std::ranges::find(plans, entry.participant, &VerificationPlan::participant);
      if (plan == plans.end()) plan = plans.insert(plans.end(), {entry.participant, {}});
      add_case(*plan, case_of(cell.cell));
      add_case(*plan, split_case_of(cell.cell));
    }
  return plans;
}

std::size_t verifications_at_once() {
  return std::clamp<std::size_t>(2 * available_cpus().size(), 2, 8);
}

void verify(std::span<const VerificationPlan> plans, const VerificationOptions& options,
            const std::function<void(std::span<const Finding>)>& report) {
  if (plans.empty()) return;
  Examiners examiners(plans, options);
  for (std::size_t i = 0; i < plans.size(); ++i) report(examiners.findings_of(i));
}

}  // namespace waitbench
