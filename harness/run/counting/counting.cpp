#include "harness/run/counting/counting.hpp"

#include <algorithm>
#include <utility>

#include "harness/run/counting/instructions.hpp"

namespace waitbench {
Counting plan_counting(std::span<const std::string> wanted) {
  Counting counting;
  const auto is_wanted = [&](std::string_view name) {
    return std::ranges::find(wanted, name) != wanted.end();
  };
  const auto allowed = [&](std::string_view name, std::string objection) {
    if (objection.empty()) return true;
    counting.refused.emplace(name, std::move(objection));
    return false;
  };
  for (const Event event : all_events)
    if (is_wanted(event_name(event)) && allowed(event_name(event), objection_to(event)))
      counting.events.push_back(event);
  counting.instructions =
      is_wanted("instructions") && allowed("instructions", objection_to_instructions());
  return counting;
}

}  // namespace waitbench
