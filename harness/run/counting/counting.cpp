#include "harness/run/counting/counting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/os/interrupt.hpp"
#include "harness/run/counting/instructions.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// The row of one entry of a cell.
using RowMaker = std::function<Row(const CellPlan&, const Entry&)>;

void count_cells(const std::vector<CellPlan>& cells, const RowMaker& row_of,
                 const std::function<void(std::span<const Row>)>& keep) {
  for (const CellPlan& cell : cells) {
    std::vector<Row> rows;
    for (const Entry& entry : cell.entries)
      if (!interrupted()) rows.push_back(row_of(cell, entry));
    if (!rows.empty()) keep(rows);
  }
}

}  // namespace

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

void count(const Counting& counting, const RunPlan& plan, const EventPassOptions& options,
           const std::function<void(std::span<const Row>)>& keep,
           const std::function<void(const std::string&)>& say) {
  if (!counting.events.empty()) {
    const std::vector<CellPlan> cells = cells_to_count(plan.cells);
    say(fmt::format("counting what the kernel sees, in {} cells", cells.size()));
    count_cells(
        cells,
        [&](const CellPlan& cell, const Entry& entry) {
          return count_events(cell, entry, options);
        },
        keep);
  }
  if (counting.instructions) {
    const std::vector<CellPlan> cells = cells_to_script(plan.cells);
    say(fmt::format("counting instructions in scripted trials, in {} cells", cells.size()));
    count_cells(
        cells,
        [](const CellPlan& cell, const Entry& entry) {
          constexpr std::int64_t bound_ns = 120 * ns_per_s;
          return count_instructions(cell, entry, now_ns() + bound_ns);
        },
        keep);
  }
}

}  // namespace waitbench
