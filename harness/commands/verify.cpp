#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/commands/commands.hpp"
#include "harness/os/interrupt.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/verification.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

struct Tally {
  std::size_t passed = 0, failed = 0, skipped = 0;
};

std::vector<VerificationCase> chosen_cases(const VerifyOptions& options) {
  std::vector<VerificationCase> cases = verification_cases(
      options.in_flight.empty() ? usual_numbers() : std::span(options.in_flight));
  // The machine may not have room for all of them; what is left out is said.
  const std::size_t limit = most_connections_of_one(machine_limits());
  const std::size_t before = cases.size();
  std::erase_if(cases, [&](const VerificationCase& which) { return which.cell.in_flight > limit; });
  const std::string beyond = fmt::format("more than {} connections: {} descriptors are the limit",
                                         limit, machine_limits().descriptors);
  if (cases.empty()) throw UsageError(fmt::format("--in-flight: {}; raise it (ulimit -n)", beyond));
  if (cases.size() < before) fmt::print(stderr, "left out: cases with {}\n", beyond);
  return cases;
}

void print_line(const Participant& participant, const Tally& tally, std::string_view reasons) {
  const bool passed = tally.failed == 0;
  fmt::print("{:<32} {}  {} cases passed", participant.name, passed ? "ok    " : "FAILED",
             tally.passed);
  if (tally.failed > 0) fmt::print(", {} failed", tally.failed);
  if (tally.skipped > 0) fmt::print(", {} skipped", tally.skipped);
  fmt::print("\n{}", reasons);
  std::fflush(stdout);
}

int verify_all(const VerifyOptions& options, const Program& program) {
  const auto participants =
      select_participants(program.participants, options.models,
                          {Role::model, Role::pitfall, Role::handwritten, Role::control});
  const std::vector<VerificationCase> cases = chosen_cases(options);
  const Placement placement = place(options.backend);
  catch_interrupts();
  bool all_passed = true;
  for (const Participant* participant : participants) {
    Tally tally;
    std::map<std::string, std::size_t> reasons;  // each reason once, with how often it was given
    std::string text;
    const auto tell = [&](const Finding& finding) {
      if (finding.verdict == Verdict::passed) ++tally.passed;
      if (finding.verdict == Verdict::failed) ++tally.failed;
      if (finding.verdict == Verdict::skipped) ++tally.skipped;
      if (finding.verdict == Verdict::failed)
        text += fmt::format("    {}: {}\n", case_name(finding.which), finding.reason);
      if (finding.verdict == Verdict::skipped && reasons[finding.reason]++ == 0)
        text += fmt::format("    skipped where {}\n", finding.reason);
    };
    verify({&participant, 1}, cases,
           {.placement = placement, .deadline_ns = options.deadline_ms * ns_per_ms}, tell);
    print_line(*participant, tally, text);
    all_passed = all_passed && tally.failed == 0;
  }
  return all_passed ? exit_ok : exit_failed;
}

}  // namespace

int verify(const VerifyOptions& options, const Program& program) {
  try {
    return verify_all(options, program);
  } catch (const Interrupted&) {
    fmt::print(stderr, "waitbench: interrupted\n");
    return exit_interrupted;
  }
}

}  // namespace waitbench
