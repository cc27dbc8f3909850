// The loads of a profile follow from the machine: how often a matched load asks, and how much work
// a client does for each reply where it, and not the backend, is to set the pace. calibration.hpp
// finds them; here they are put into a plan, and kept.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/run/plan.hpp"

namespace waitbench {

// Loads are rounded up to these, so that a machine has the same ones from day to day.
inline constexpr double ladder_us[] = {2,   3,   4,   5,   6,   8,   10,   12,   15,  20,
                                       25,  30,  40,  50,  60,  80,  100,  120,  150, 200,
                                       250, 300, 400, 500, 600, 800, 1000, 1200, 1500};

// The first rung that is at least so high; the last one if none is.
double rung_from(double us);
// The rung after this one; the last one has none, and is given back.
double rung_after(double rung_us);

struct Loads {
  std::string source = "fixed";  // or "measured", or "file"

  double query_interval_us = 50;  // of a matched load, from one query to the next of all clients
  double work_us = 10;            // of a client for each reply, in a saturated load with work

  // What was found, as far as it was: CPU time for each query at the matched load, the share of
  // their CPUs that the costliest model's clients used at it, and the backend's share with work.
  double baseline_us = 0;
  std::string costliest{};
  double costliest_us = 0;
  double client_share = 0;
  double backend_share = 0;
};

// As in the context of a results file. from_json() takes what is missing as not found, and throws
// what nlohmann::json throws.
void to_json(nlohmann::json& json, const Loads& loads);
void from_json(const nlohmann::json& json, Loads& loads);

// "a query every 30 us, 15 us of work; ...": what was found, in one line.
std::string to_text(const Loads& loads);

// Those of the context of a results file. Throws std::invalid_argument unless they are there, and
// can be.
Loads loads_in(const nlohmann::json& context);

// Those of the run that wrote the file, which are its `source` then. Throws std::invalid_argument
// if it has none.
Loads loads_of(const std::string& results_file);

bool needs_loads(const RunPlan& plan);

// Gives these loads to the cells that follow from the machine.
void fit(RunPlan& plan, const Loads& loads);

}  // namespace waitbench
