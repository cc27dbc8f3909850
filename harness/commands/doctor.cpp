// `waitbench doctor`: the check-list, for people or as JSON.
#include "harness/machine/doctor/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/commands/commands.hpp"
#include "harness/machine/limits.hpp"
#include "harness/os/streams.hpp"
#include "harness/results/context.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

void print_list(const nlohmann::json& diagnoses) {
  for (const auto& diagnosis : diagnoses) {
    print_to_stdout("{:<7} {:<15} {}\n", diagnosis["level"].get<std::string>(),
                    diagnosis["check"].get<std::string>(), diagnosis["found"].get<std::string>());
    if (diagnosis["advice"].is_string())
      print_to_stdout("{:<23} -> {}\n", "", diagnosis["advice"].get<std::string>());
  }
}

}  // namespace

int doctor(const DoctorOptions& options) {
  raise_descriptor_limit();  // as a run does
  const auto context = describe_context(plan_placement(available_cpus()), ns_per_s);
  const nlohmann::json& diagnoses = context["doctor"];
  const auto how_many = [&](const char* level) {
    return std::ranges::count_if(
        diagnoses, [level](const auto& diagnosis) { return diagnosis["level"] == level; });
  };
  const bool is_fit = how_many("unfit") == 0;
  if (options.json) {
    print_to_stdout("{}\n", diagnoses.dump(2));
  } else {
    print_list(diagnoses);
    print_to_stdout("{} to measure on: {} ok, {} advice, {} unfit\n", is_fit ? "fit" : "not fit",
                    how_many("ok"), how_many("advice"), how_many("unfit"));
  }
  return is_fit ? exit_ok : exit_failed;
}

}  // namespace waitbench
