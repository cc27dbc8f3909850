// Where clients make a call that blocks: in their own place, or by workers beside them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/workloads/axis.hpp"

namespace waitbench {

class Executor;
struct TrialContext;

// Called inline, threads:N or processes:N.
struct Offload {
  enum class To { nobody, threads, processes };

  static const Offload in_place;
  static constexpr Offload threads(std::size_t workers) { return {To::threads, workers}; }
  static constexpr Offload processes(std::size_t workers) { return {To::processes, workers}; }

  bool is_inline() const { return to == To::nobody; }
  bool operator==(const Offload&) const = default;

  To to = To::nobody;
  std::size_t workers = 0;
};
inline constexpr Offload Offload::in_place{};
inline constexpr Choice<Offload> offload_names[] = {{"inline", Offload::in_place}};

// Those of workers have their number in their name.
std::string hint_of(const Axis<Offload>& axis);
std::optional<Offload> value_named(const Axis<Offload>& axis, std::string_view name);
std::string name_of(const Axis<Offload>& axis, Offload value);

// What makes the calls of a trial's clients, if its cell has any; else null. Throws
// std::system_error when the machine refuses a worker.
std::unique_ptr<Executor> make_executor(const TrialContext& context);

}  // namespace waitbench
