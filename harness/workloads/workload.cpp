#include "harness/workloads/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/workloads/axis.hpp"

namespace waitbench {
namespace {

constexpr std::string_view axes_of_delay[] = {"delay_us", "delay_shape", "reply_bytes"};

constexpr Workload all[] = {{.name = "delay", .axes = axes_of_delay}};

}  // namespace

bool Workload::has_axis(std::string_view axis) const {
  return std::ranges::find(axes, axis) != axes.end();
}

std::span<const Workload> workloads() {
  return all;
}

const Workload& workload_named(std::string_view name) {
  for (const Workload& workload : workloads())
    if (workload.name == name) return workload;
  throw std::invalid_argument(fmt::format("there is no workload '{}'", name));
}

std::vector<Choice<std::string_view>> choices_of(const Axis<std::string_view>&) {
  std::vector<Choice<std::string_view>> choices;
  for (const Workload& workload : workloads()) choices.push_back({workload.name, workload.name});
  return choices;
}

}  // namespace waitbench
