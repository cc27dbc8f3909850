#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "harness/workloads/workload.hpp"

namespace waitbench {

// Each number of connections, kept and fresh, over both transports, with replies of 64 bytes, of
// none, of single bytes, and of 1 MiB (with 1,000 connections: kept, over Unix sockets); more than
// 1,000 of 64 bytes only. And 64 once with steps performed through 8 calls, once shared by 2 loops,
// as 4 tasks that ask 16 at once, with either policy, by each rule with a pool of 8 connections,
// with a limit of 8 at once, of single queries and of such tasks, and with a lock.
std::vector<VerificationCase> delay_verification_cases(std::span<const std::size_t> numbers);

}  // namespace waitbench
