#include "harness/results/context.hpp"

#include <fmt/chrono.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "harness/machine/build_info.hpp"
#include "harness/machine/doctor/doctor.hpp"
#include "harness/machine/interference.hpp"
#include "harness/machine/machine.hpp"
#include "harness/results/numbers.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

json describe_recent(std::int64_t watch_ns) {
  const Interference during = observe_idle(watch_ns);
  return {{"watched_s", static_cast<double>(watch_ns) / ns_per_s},
          {"foreign_cpu_share", known(during.foreign_cpu_share)},
          {"steal_share", known(during.steal_share)}};
}

}  // namespace

json describe_context(const Placement& placement, std::int64_t watch_ns) {
  json context = describe_source();
  context["build"] = describe_build();
  context["libraries"] = describe_libraries();
  context["host"] = describe_machine();
  context["host"]["recent"] = describe_recent(watch_ns);
  context["placement"] = {{"client_cpus", placement.client_cpus},
                          {"backend_cpus", placement.backend_cpus},
                          {"awake_cpus", placement.awake_cpus},
                          {"shared", placement.shared},
                          {"backend", nullptr}};
  if (!placement.backend.empty())
    context["placement"].update({{"backend_cpus", nullptr}, {"backend", placement.backend}});
  context["doctor"] = examine(context);
  return context;
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace waitbench
