// Does a model do the work that it will be credited with? The oracle (every query answered exactly
// once, every byte of every reply as it should be) and the rendezvous (as many queries in flight at
// once as the model claims, no fewer and no more), in one short trial for each case. No clock is
// read, so several participants are verified side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/run/plan.hpp"
#include "harness/trial/participant.hpp"
#include "harness/workloads/workload.hpp"

namespace waitbench {

// Numbers of connections: 1, 7, 64 and 1,000.
std::span<const std::size_t> usual_numbers();

// The cases of each workload of this program.
std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers);

// A participant, and the cases that it is put to.
struct VerificationPlan {
  const Participant* participant;
  std::vector<VerificationCase> cases;
};

// Whoever enters the cells of a run, each in the cells that it enters: with their own transports,
// connections, numbers in flight and sizes; and with replies that arrive byte by byte. Delays,
// rates and work per reply are left out: they change how long a case takes, and nothing that it
// shows.
std::vector<VerificationPlan> plan_verification(const RunPlan& run);

enum class Verdict { passed, failed, skipped };

struct Finding {
  const Participant* participant;
  VerificationCase which;
  Verdict verdict;
  std::string reason;  // empty when it passed
};

struct VerificationOptions {
  Placement placement;
  std::int64_t deadline_ns = 0;  // for each rendezvous and each end
  std::size_t at_once = 1;       // so many participants are verified side by side
};

// As many as this machine's CPUs are good for: a trial waits most of the time.
std::size_t verifications_at_once();

// Calls `report` with the findings of each plan, one for each of its cases, in the order of the
// plans and in the calling thread. Each participant has a backend of its own. Throws Interrupted.
void verify(std::span<const VerificationPlan> plans, const VerificationOptions& options,
            const std::function<void(std::span<const Finding>)>& report);

}  // namespace waitbench
