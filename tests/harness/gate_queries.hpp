// Queries for tests of the gate: time is a number handed in, connections are numbers too.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/backend/gate.hpp"

namespace waitbench::backend {

inline constexpr std::int64_t delay_ns = 1'000;

inline PendingReply query(std::uint64_t id, std::int64_t received_ns = 0,
                          std::uint64_t connection = 1) {
  return {.connection = connection, .id = id, .delay_ns = delay_ns, .received_ns = received_ns};
}

// When the gate lets the query through, or nothing when it holds it.
inline std::optional<std::int64_t> due_at(Gate& gate, PendingReply asked) {
  if (!gate.arrive(asked)) return std::nullopt;
  return asked.due_ns;
}

inline void hold(Gate& gate, std::uint64_t first_id, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    PendingReply asked = query(first_id + i, 0, first_id + i);
    ASSERT_FALSE(gate.arrive(asked));
  }
}

inline std::vector<std::uint64_t> ids(const std::vector<PendingReply>& queries) {
  std::vector<std::uint64_t> result;
  for (const PendingReply& one : queries) result.push_back(one.id);
  return result;
}

using Ids = std::vector<std::uint64_t>;

}  // namespace waitbench::backend
