// The doctor: is this machine, with this build, fit to measure on? Each check is a pure function of
// what a run records about itself, so it can be applied to any machine.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace waitbench {

enum class Fitness {
  ok,
  advice,  // numbers can be had, and would be better otherwise
  unfit    // numbers would mislead
};

struct Diagnosis {
  std::string check;
  Fitness level = Fitness::ok;
  std::string found;
  std::string advice;  // what to do; empty where there is nothing to be done

  bool operator==(const Diagnosis&) const = default;
};

// The verdict of every check, in the order in which they are printed. `context` is that of a
// results file: of its `host`, `placement`, `build` and `dirty` the checks read what is there, and
// take what is missing or null for unknown.
std::vector<Diagnosis> examine(const nlohmann::json& context);

// As in a results file: {"check", "level", "found", "advice"}; no advice is null.
void to_json(nlohmann::json& json, const Diagnosis& diagnosis);

// "foreign-cpu (31.0% of all CPUs), build (Debug)": what of the diagnoses of a results file is
// unfit; empty where nothing is.
std::string list_unfit(const nlohmann::json& diagnoses);

}  // namespace waitbench
