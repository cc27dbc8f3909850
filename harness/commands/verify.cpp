#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/commands/commands.hpp"
#include "harness/os/interrupt.hpp"
#include "harness/os/streams.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/verification.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// Cases with one task and with several.
std::vector<VerificationCase> fan_out_cases(const VerifyOptions& options) {
  const std::size_t fan_out = options.fan_out;
  const std::vector<std::size_t> usual = {fan_out, 4 * fan_out};
  std::vector<VerificationCase> cases =
      verification_cases(options.in_flight.empty() ? usual : options.in_flight);
  std::erase_if(cases, [](const VerificationCase& which) {
    return !workload_named(which.cell.workload).has_axis("fan_out") || which.cell.fan_out > 1;
  });
  for (VerificationCase& which : cases) {
    which.cell.fan_out = fan_out;
    check_fan_out(which.cell);
  }
  return cases;
}

std::vector<VerificationCase> chosen_cases(const VerifyOptions& options) {
  std::vector<VerificationCase> cases =
      options.fan_out > 1
          ? fan_out_cases(options)
          : verification_cases(options.in_flight.empty() ? usual_numbers()
                                                         : std::span(options.in_flight));
  // The machine may not have room for all of them. What is left out is reported.
  const std::size_t limit = most_connections_of_one(machine_limits());
  const std::size_t before = cases.size();
  std::erase_if(cases, [&](const VerificationCase& which) { return which.cell.in_flight > limit; });
  const std::string beyond = fmt::format("more than {} connections: {} descriptors are the limit",
                                         limit, machine_limits().descriptors);
  if (cases.empty()) throw UsageError(fmt::format("--in-flight: {}; raise it (ulimit -n)", beyond));
  if (cases.size() < before) print_to_stderr("left out: cases with {}\n", beyond);
  return cases;
}

// A backend that was started elsewhere answers the queries of one workload.
void keep_those_of(const std::string& backend, std::vector<VerificationCase>& cases) {
  const std::string answered = workload_of_backend(backend);
  const std::string_view first = cases.front().cell.workload;
  std::erase_if(cases,
                [&](const VerificationCase& which) { return which.cell.workload != answered; });
  if (cases.empty()) throw other_workload(backend, first, answered);
}

// "callback-epoll  ok  63 cases passed", then a line for each case that failed, and for each reason
// why cases were skipped.
void print(std::span<const Finding> findings) {
  const auto count = [findings](Verdict verdict) {
    return std::ranges::count(findings, verdict, &Finding::verdict);
  };
  const auto failed = count(Verdict::failed), skipped = count(Verdict::skipped);
  std::string text = fmt::format("{:<34} {}  {} cases passed", findings.front().participant->name,
                                 failed == 0 ? "ok    " : "FAILED", count(Verdict::passed));
  if (failed > 0) text += fmt::format(", {} failed", failed);
  if (skipped > 0) text += fmt::format(", {} skipped", skipped);
  text += "\n";
  std::set<std::string_view> reasons;
  for (const Finding& finding : findings)
    if (finding.verdict == Verdict::failed)
      text += fmt::format("    {}: {}\n", case_name(finding.which), finding.reason);
    else if (finding.verdict == Verdict::skipped && reasons.insert(finding.reason).second)
      text += fmt::format("    skipped where {}\n", finding.reason);
  write_to_stdout(text);
}

// Nothing is timed, so trials and backends may run on any CPU.
int verify_plans(std::span<const VerificationPlan> plans, const std::string& backend,
                 std::int64_t deadline_ns) try {
  catch_interrupts();
  Placement anywhere;
  anywhere.backend = backend;
  bool all_passed = true;
  verify(plans,
         {.placement = anywhere, .deadline_ns = deadline_ns, .at_once = verifications_at_once()},
         [&all_passed](std::span<const Finding> findings) {
           print(findings);
           all_passed = all_passed && std::ranges::find(findings, Verdict::failed,
                                                        &Finding::verdict) == findings.end();
         });
  return all_passed ? exit_ok : exit_failed;
} catch (const Interrupted&) {
  print_to_stderr("waitbench: interrupted\n");
  return exit_interrupted;
}

}  // namespace

int verify(const VerifyOptions& options, const Program& program) {
  const ProgramWithGuests everyone = with_guests(program, options.guests);
  const auto participants =
      select_participants(everyone.participants, options.models,
                          {Role::model, Role::pitfall, Role::handwritten, Role::positive_control,
                           Role::control, Role::guest});
  std::vector<VerificationCase> cases = chosen_cases(options);
  const BackendChoice backend = read_backend(options.backend);
  if (!backend.endpoint.empty())
    keep_those_of(backend.endpoint, cases);
  else if (!backend.workload.empty())
    std::erase_if(cases, [&](const VerificationCase& which) {
      return which.cell.workload != backend.workload;
    });
  std::vector<VerificationPlan> plans;
  for (const Participant* participant : participants) plans.push_back({participant, cases});
  return verify_plans(plans, backend.endpoint, options.deadline_ms * ns_per_ms);
}

int verify_run(const RunPlan& plan, const std::string& backend) {
  return verify_plans(plan_verification(plan), backend, plan.deadline_ns);
}

}  // namespace waitbench
