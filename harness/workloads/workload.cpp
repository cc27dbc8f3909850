#include "harness/workloads/workload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/workloads/axis.hpp"
#include "harness/workloads/delay/workload.hpp"
#include "harness/workloads/http/workload.hpp"
#include "harness/workloads/nginx/workload.hpp"
#include "harness/workloads/postgres/workload.hpp"

namespace waitbench {
namespace {

constexpr const Workload* usual[] = {&delay_workload, &http_workload, &nginx_workload,
                                     &postgres_workload};

constinit std::span<const Workload* const> in_use = usual;

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Workload* workload : in_use) all.push_back(workload->name);
  return all;
}

}  // namespace

bool Workload::has_axis(std::string_view axis) const {
  return std::ranges::find(axes, axis) != axes.end();
}

std::string case_name(const VerificationCase& which) {
  return cell_name(which.cell) + (which.single_bytes ? "/single_bytes" : "");
}

std::span<const Workload* const> workloads() {
  return in_use;
}

void use_workloads(std::span<const Workload* const> table) {
  in_use = table;
}

const Workload& workload_named(std::string_view name) {
  const auto found = std::ranges::find(in_use, name, &Workload::name);
  if (found == in_use.end())
    throw std::invalid_argument(
        fmt::format("there is no workload '{}': give {}", name, fmt::join(names(), " or ")));
  return **found;
}

std::vector<Choice<std::string_view>> choices_of(const Axis<std::string_view>&) {
  std::vector<Choice<std::string_view>> choices;
  for (const Workload* workload : workloads()) choices.push_back({workload->name, workload->name});
  return choices;
}

}  // namespace waitbench
