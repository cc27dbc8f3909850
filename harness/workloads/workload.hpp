// A workload: what clients and backend say to each other. All that the program has to know of one
// is in this struct; its wire format is known in its own folder alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/workloads/cell.hpp"
#include "harness/workloads/conversations.hpp"
#include "harness/workloads/eligibility.hpp"
#include "harness/workloads/protocol.hpp"
#include "harness/workloads/trial_context.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// A program that does what a model does, written by hand for one workload and without the seam. It
// has the name of its model with "handwritten-" before it. The no-op is one, too.
struct Handwritten {
  std::string_view name;
  std::string_view style;
  std::string_view engine;
  std::string_view summary;
  std::size_t (*max_in_flight)(std::size_t conversations, const Settings& settings) = nullptr;
  std::unique_ptr<Model> (*make)(const TrialContext& context) = nullptr;
  // Whether it is written for what the cell asks for.
  Eligibility (*can_run)(const Cell& cell) = nullptr;
  // Whether this machine allows it at all; null: every machine does.
  Eligibility (*is_allowed_here)() = nullptr;
};

// What participants have to prove before they are measured: a short trial in this cell.
struct VerificationCase {
  Cell cell;
  bool single_bytes = false;  // replies arrive byte by byte

  bool operator==(const VerificationCase&) const = default;
};

std::string case_name(const VerificationCase& which);

// A guess at what a query takes where nothing else goes on. Queries wait side by side; what they
// take of a CPU adds up.
struct QueryTime {
  double wait_us = 0;
  double cpu_us = 0;
};

// What a guest is told to send, and how much comes back. It knows nothing else of the workload.
struct GuestQuery {
  std::vector<std::byte> request;
  std::size_t reply_bytes = 0;
};

struct Workload {
  std::string_view name;  // in results: the axis `backend`

  // The axes that concern it beyond those that concern all: see Concerns::workload.
  std::span<const std::string_view> axes{};

  // The conversations of one trial. The context must outlive them.
  std::unique_ptr<Conversations> (*make_conversations)(const TrialContext& context) = nullptr;

  // Its handwritten programs, and the no-op, which shows what the harness itself costs. There may
  // be none.
  std::span<const Handwritten> handwritten{};
  const Handwritten* no_op = nullptr;

  // The query of a trial of guests, which proves that the reply before it was read; null: none.
  GuestQuery (*guest_query)(const Cell& cell, std::uint16_t trial, bool single_bytes) = nullptr;

  // Cells that between them show everything that a participant must be able to do, each with these
  // numbers of queries in flight.
  std::vector<VerificationCase> (*verification_cases)(std::span<const std::size_t> numbers) =
      nullptr;

  // For progress and for deadlines.
  QueryTime (*expected_query_time)(const Cell& cell) = nullptr;

  // The server half, which our own backend speaks; null: a real server answers.
  const Protocol* protocol = nullptr;

  // Its server cannot withhold replies by itself. So the harness hands out each turn's queries in a
  // timetable, and clients that find none rest, in a query that the server ends at the next turn.
  bool rests_between_turns = false;

  // How many connections its server takes at once, of all trials together; 0: as many as there can
  // be.
  std::size_t most_connections = 0;

  // Whether its queries can be asked at all here, and in that cell; null: they can.
  Eligibility (*can_run)(const Cell& cell) = nullptr;

  bool has_axis(std::string_view axis) const;
};

// The workloads of this program: "delay", unless its main() has called use_workloads().
std::span<const Workload* const> workloads();
void use_workloads(std::span<const Workload* const> table);

// Throws std::invalid_argument when there is none of that name.
const Workload& workload_named(std::string_view name);

}  // namespace waitbench
