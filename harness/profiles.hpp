// The profiles: ready-made plans. The table in harness/README.md says what each measures and how
// long it takes.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/plan.hpp"

namespace waitbench {

// Who enters a cell, besides the model that all are compared with, which is always entered twice.
enum class Field {
  models,       // every model chosen
  seam,         // those that have a native, their natives, and the no-op
  one_for_many  // one model, seven times: what the method makes of things that are the same
};

struct ProfileCell {
  std::string_view purpose;
  Field field;
  Cell cell;
  std::size_t rounds;            // per invocation
  std::size_t turn_queries = 0;  // 0: default_turn_queries()
};

struct Profile {
  std::string_view name;
  std::size_t invocations;
  std::vector<ProfileCell> cells;
};

std::span<const Profile> profiles();

// Those who enter a cell of that field when `models` were chosen. `everybody` has the natives.
std::vector<Place> places_for(Field field, std::span<const Entrant* const> models,
                              std::span<const Entrant> everybody);

}  // namespace waitbench
