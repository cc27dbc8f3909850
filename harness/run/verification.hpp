// Does a model do the work that it will be credited with? The oracle (every query answered exactly
// once, every byte of every reply as it should be) and the rendezvous (as many queries in flight at
// once as the model claims, no fewer and no more), in one short trial for each case.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/trial/participant.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

struct VerificationCase {
  Cell cell;
  bool single_bytes = false;  // replies arrive byte by byte
};

// Numbers of connections: 1, 7, 64 and 1,000.
std::span<const std::size_t> usual_numbers();

// Each number of connections, kept and fresh, over both transports, with replies of 64 bytes, of
// none, of single bytes, and of 1 MiB (with 1,000 connections: kept, over Unix sockets); more than
// 1,000 of 64 bytes only. And 64 once with steps performed through 8 calls, once shared by 2 loops.
std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers);

std::string case_name(const VerificationCase& which);

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
};

// Calls `tell` with each finding as it comes. Throws Interrupted; BackendFailed when a backend
// cannot be had at all.
void verify(std::span<const Participant* const> participants,
            std::span<const VerificationCase> cases, const VerificationOptions& options,
            const std::function<void(const Finding&)>& tell);

}  // namespace waitbench
