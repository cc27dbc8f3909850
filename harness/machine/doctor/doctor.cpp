#include "harness/machine/doctor/doctor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "harness/machine/doctor/check.hpp"

namespace waitbench {

NLOHMANN_JSON_SERIALIZE_ENUM(Fitness, {{Fitness::ok, "ok"},
                                       {Fitness::advice, "advice"},
                                       {Fitness::unfit, "unfit"}})

std::vector<Diagnosis> examine(const nlohmann::json& context) {
  std::vector<Diagnosis> diagnoses;
  for (const auto checks : {cpu_checks(), system_checks()})
    for (const Check& check : checks) {
      Opinion opinion = check.judge(context);
      diagnoses.push_back(
          {check.name, opinion.level, std::move(opinion.found), std::move(opinion.advice)});
    }
  return diagnoses;
}

void to_json(nlohmann::json& json, const Diagnosis& diagnosis) {
  json = {{"check", diagnosis.check},
          {"level", diagnosis.level},
          {"found", diagnosis.found},
          {"advice", nullptr}};
  if (!diagnosis.advice.empty()) json["advice"] = diagnosis.advice;
}

std::string list_unfit(const nlohmann::json& diagnoses) {
  std::vector<std::string> unfit;
  for (const nlohmann::json& diagnosis : diagnoses)
    if (diagnosis["level"] == Fitness::unfit)
      unfit.push_back(fmt::format("{} ({})", diagnosis["check"].get<std::string>(),
                                  diagnosis["found"].get<std::string>()));
  return fmt::format("{}", fmt::join(unfit, ", "));
}

}  // namespace waitbench
