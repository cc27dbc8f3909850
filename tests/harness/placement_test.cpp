// The division of cores between clients and backend, on machines that are not at hand and on this.
#include "harness/machine/placement.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace waitbench {
namespace {

using Cpus = std::vector<int>;

std::vector<int> numbers_of(const std::vector<LogicalCpu>& cpus) {
  std::vector<int> numbers;
  for (const LogicalCpu& cpu : cpus) numbers.push_back(cpu.cpu);
  return numbers;
}

TEST(Placement, gives_clients_the_first_half_of_the_cores_and_the_backend_the_rest) {
  const Placement placement = plan_placement({{0, 0, 0}, {1, 1, 0}, {2, 2, 0}, {3, 3, 0}});
  EXPECT_EQ(placement.client_cpus, (Cpus{0, 1}));
  EXPECT_EQ(placement.backend_cpus, (Cpus{2, 3}));
  EXPECT_FALSE(placement.shared);
}

TEST(Placement, uses_one_cpu_of_each_core_whatever_the_numbering_of_siblings) {
  const Placement far = plan_placement({{0, 0, 0}, {1, 1, 0}, {2, 0, 0}, {3, 1, 0}});
  EXPECT_EQ(far.client_cpus, Cpus{0});
  EXPECT_EQ(far.backend_cpus, Cpus{1});
  const Placement near = plan_placement({{0, 0, 0}, {1, 0, 0}, {2, 2, 0}, {3, 2, 0}});
  EXPECT_EQ(near.client_cpus, Cpus{0});
  EXPECT_EQ(near.backend_cpus, Cpus{2});
}

TEST(Placement, gives_the_odd_core_to_the_backend) {
  const Placement placement = plan_placement({{0, 0, 0}, {1, 1, 0}, {2, 2, 0}});
  EXPECT_EQ(placement.client_cpus, Cpus{0});
  EXPECT_EQ(placement.backend_cpus, (Cpus{1, 2}));
}

TEST(Placement, shares_the_only_cpu) {
  const Placement placement = plan_placement({{7, 3, 0}});
  EXPECT_EQ(placement.client_cpus, Cpus{7});
  EXPECT_EQ(placement.backend_cpus, Cpus{7});
  EXPECT_TRUE(placement.shared);
}

TEST(Placement, calls_siblings_of_the_only_core_shared) {
  const Placement placement = plan_placement({{0, 0, 0}, {1, 0, 0}});
  EXPECT_EQ(placement.client_cpus, Cpus{0});
  EXPECT_EQ(placement.backend_cpus, Cpus{1});
  EXPECT_TRUE(placement.shared);
}

TEST(Placement, keeps_to_the_cpus_that_the_affinity_leaves) {
  // CPUs 1, 2 and 6 of eight, where 2 and 6 are siblings.
  const Placement placement = plan_placement({{6, 2, 0}, {1, 1, 0}, {2, 2, 0}});
  EXPECT_EQ(placement.client_cpus, Cpus{1});
  EXPECT_EQ(placement.backend_cpus, Cpus{2});
}

TEST(Placement, tells_cores_of_the_same_number_in_two_packages_apart) {
  const Placement placement = plan_placement({{0, 0, 0}, {1, 0, 1}});
  EXPECT_EQ(placement.client_cpus, Cpus{0});
  EXPECT_EQ(placement.backend_cpus, Cpus{1});
  EXPECT_FALSE(placement.shared);
}

TEST(Placement, refuses_to_place_on_nothing) {
  EXPECT_THROW(plan_placement({}), std::invalid_argument);
}

TEST(AvailableCpus, contain_the_one_that_runs_this_test) {
  const Cpus cpus = numbers_of(available_cpus());
  EXPECT_NE(std::find(cpus.begin(), cpus.end(), ::sched_getcpu()), cpus.end());
}

// In a thread of its own, which takes its affinity along when it ends.
TEST(Pin, leaves_only_the_cpus_asked_for) {
  Cpus wanted;
  Cpus found;
  std::thread([&] {
    wanted = {available_cpus().back().cpu};
    pin(wanted);
    found = numbers_of(available_cpus());
  }).join();
  EXPECT_EQ(found, wanted);
}

TEST(Pin, throws_where_no_cpu_is_left) {
  EXPECT_THROW(pin({}), std::system_error);
}

}  // namespace
}  // namespace waitbench
