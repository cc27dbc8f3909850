// A trial: one participant in a process of its own, driving its clients until the ledger says stop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "harness/trial/participant.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

// All that the process needs to know; it travels on its command line.
struct TrialOrder {
  std::string participant;
  Cell cell;
  std::string endpoint;  // of the backend
  int ledger_fd = -1;
  int timetable_fd = -1;     // open loop
  std::uint16_t number = 0;  // by which the backend knows the trial
  std::uint64_t seed = 0;
  double burn_iterations_per_us = 0;  // of this machine, where the cell has work_us
  std::size_t batch = 1;
  bool check_every_byte = false;
  bool single_bytes = false;
};

// As it stands on the command line, in JSON. order_from() throws what nlohmann::json throws.
std::string to_text(const TrialOrder& order);
TrialOrder order_from(const std::string& text);

// How long a turn of so many queries may last, of a model that has so many in flight: far longer
// than it takes if all is well, and yet an end.
std::int64_t turn_limit_ns(const TrialOrder& order, std::size_t max_in_flight,
                           std::uint64_t queries);

// Runs the trial in this process. What goes wrong is entered in the ledger. Returns the exit code.
int run_trial(const TrialOrder& order, std::span<const Participant> participants);

}  // namespace waitbench
