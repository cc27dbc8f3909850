// What the process of a trial needs to know. It travels on the process's command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/workloads/cell.hpp"

namespace waitbench {

struct TrialOrder {
  std::string participant;
  Cell cell;
  std::string endpoint;  // of the backend
  int ledger_fd = -1;
  int timetable_fd = -1;     // open loop
  std::uint16_t number = 0;  // by which the backend knows the trial
  std::uint64_t seed = 0;
  double burn_iterations_per_us = 0;  // of this machine, where the cell has work_us
  double planted_ns = 0;  // CPU that the positive control burns for each reply; others: 0
  std::size_t batch = 1;
  bool check_every_byte = false;
  bool single_bytes = false;
};

// The order as it stands on the command line, in JSON. order_from() throws what nlohmann::json
// throws.
std::string to_text(const TrialOrder& order);
TrialOrder order_from(const std::string& text);

}  // namespace waitbench
