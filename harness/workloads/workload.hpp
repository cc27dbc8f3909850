// The workloads: what clients and backend may say to each other.
#pragma once

#include <span>
#include <string_view>

namespace waitbench {

struct Workload {
  std::string_view name;  // in results: the axis `backend`
  // The axes that concern it beyond those that concern all: see Concerns::workload.
  std::span<const std::string_view> axes;

  bool has_axis(std::string_view axis) const;
};

std::span<const Workload> workloads();

// Throws std::invalid_argument where there is none of that name.
const Workload& workload_named(std::string_view name);

}  // namespace waitbench
