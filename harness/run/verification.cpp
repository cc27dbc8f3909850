#include "harness/run/verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/run/trial_parameters.hpp"
#include "harness/stage/stage.hpp"

namespace waitbench {
namespace {

constexpr std::uint32_t mebibyte = 1 << 20;
constexpr std::size_t some = 64;
constexpr std::size_t many = 1000;

// At least three queries for each that can be in flight, so that every conversation is very likely
// to have asked again after it was answered; and twice, so that it was held in between. With 1,000
// each of them once more is enough, since it is their number that is put to the test.
struct Extent {
  std::size_t turns;
  std::uint64_t queries;
};

Extent extent_of(std::size_t max_in_flight) {
  if (max_in_flight >= many) return {.turns = 1, .queries = max_in_flight + 5};
  return {.turns = 2, .queries = 3 * max_in_flight + 5};
}

void perform(Stage& stage, const Participant& participant, const VerificationCase& which) {
  TrialOrder order;
  order.cell = which.cell;
  order.seed = 1;
  order.check_every_byte = true;
  order.single_bytes = which.single_bytes;
  const auto [turns, queries] = extent_of(participant.max_in_flight(which.cell));
  TrialHandle& trial = stage.start(participant, order, 2 * (queries + which.cell.in_flight));
  for (std::size_t turn = 0; turn < turns; ++turn) stage.take_turn(trial, queries, nullptr);
  stage.finish(trial);
}

// A stage gathers the remains of its trials, and a failed one may have left something unsaid: so
// each participant has a stage of its own, and a new one after each failure.
Finding examine(std::unique_ptr<Stage>& stage, const Participant& participant,
                const VerificationCase& which, const StageOptions& options) {
  const std::string refusal = objection_to(participant, which.cell, options.placement);
  if (!refusal.empty()) return {&participant, which, Verdict::skipped, refusal};
  try {
    if (!stage) stage = std::make_unique<Stage>(options);
    perform(*stage, participant, which);
    return {&participant, which, Verdict::passed, ""};
  } catch (const std::runtime_error& error) {  // TrialFailed, BackendFailed, std::system_error
    stage.reset();
    return {&participant, which, Verdict::failed, error.what()};
  }
}

}  // namespace

std::span<const std::size_t> usual_numbers() {
  static constexpr std::size_t numbers[] = {1, 7, some, many};
  return numbers;
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  std::vector<VerificationCase> cases;
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh})
      for (const std::size_t in_flight : numbers) {
        const auto add = [&](std::uint32_t reply_bytes, bool single_bytes) {
          cases.push_back({{.transport = transport,
                            .in_flight = in_flight,
                            .delay_us = 200,
                            .reply_bytes = reply_bytes,
                            .connections = connections},
                           single_bytes});
        };
        add(64, false);
        if (in_flight > many) continue;  // it is their number that is put to the test
        add(0, false);
        add(16, true);
        // A gigabyte at once takes seconds: once is enough.
        if (in_flight < many || (transport == Transport::unix && connections == Connections::kept))
          add(mebibyte, false);
      }
  if (std::ranges::find(numbers, some) == numbers.end()) return cases;
  const Cell nested_or_shared = {
      .transport = Transport::unix, .in_flight = some, .delay_us = 200, .reply_bytes = 64};
  cases.push_back({nested_or_shared});
  cases.back().cell.depth = 8;
  cases.push_back({nested_or_shared});
  cases.back().cell.loops = 2;
  return cases;
}

std::string case_name(const VerificationCase& which) {
  return cell_name(which.cell) + (which.single_bytes ? "/single_bytes" : "");
}

void verify(std::span<const Participant* const> participants,
            std::span<const VerificationCase> cases, const VerificationOptions& options,
            const std::function<void(const Finding&)>& tell) {
  const StageOptions stage_options{.placement = options.placement,
                                   .deadline_ns = options.deadline_ns};
  for (const Participant* participant : participants) {
    std::unique_ptr<Stage> stage;
    for (const VerificationCase& which : cases)
      tell(examine(stage, *participant, which, stage_options));
  }
}

}  // namespace waitbench
