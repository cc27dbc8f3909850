// The table of workloads, and that nothing outside it knows one of them.
#include "harness/workloads/workload.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "harness/trial/participant.hpp"
#include "harness/trial/scripted/trial.hpp"
#include "harness/workloads/delay/workload.hpp"
#include "tests/workloads/echo/echo.hpp"

namespace waitbench {
namespace {

constexpr const Workload* with_echo[] = {&delay_workload, &echo_workload};

// With a workload that the program does not have by itself.
class Workloads : public testing::Test {
 protected:
  Workloads() { use_workloads(with_echo); }
  ~Workloads() override { use_workloads(usual_); }

 private:
  std::span<const Workload* const> usual_ = workloads();
};

TEST_F(Workloads, HaveAProtocolOfTheSameName) {
  for (const Workload* workload : workloads()) EXPECT_EQ(workload->name, workload->protocol->name);
}

TEST_F(Workloads, VerifyInCellsOfTheirOwn) {
  const std::vector<std::size_t> numbers = {1, 64};
  for (const Workload* workload : workloads())
    for (const VerificationCase& which : workload->verification_cases(numbers))
      EXPECT_EQ(which.cell.workload, workload->name) << case_name(which);
}

TEST_F(Workloads, AreFoundByNameAndElseNamedInTheComplaint) {
  EXPECT_EQ(&workload_named("echo"), &echo_workload);
  try {
    workload_named("ohce");
    FAIL() << "there is none";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "there is no workload 'ohce': give delay or echo");
  }
}

TEST_F(Workloads, AddNoParticipantThatTheyHaveNoProgramFor) {
  const std::size_t with = all_participants().size();
  constexpr const Workload* delay_alone[] = {&delay_workload};
  use_workloads(delay_alone);
  EXPECT_EQ(all_participants().size(), with);
}

TEST_F(Workloads, AreScriptedByTheirProtocolAlone) {
  constexpr std::uint64_t queries = 100;
  constexpr std::size_t in_flight = 4;
  for (const Participant& participant : scripted_participants()) {
    const Ledger ledger = run_scripted({std::string(participant.name),
                                        {.workload = echo_workload.name, .in_flight = in_flight},
                                        queries});
    ASSERT_EQ(ledger.next_id() - 1, queries + in_flight - 1) << participant.name;
    for (std::uint64_t id = 1; id < ledger.next_id(); ++id)
      ASSERT_EQ(ledger.record(id).answers, 1U) << participant.name << ", query " << id;
  }
}

}  // namespace
}  // namespace waitbench
