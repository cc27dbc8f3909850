// What a trial gives to the conversations of its workload, whatever these say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/workloads/cell.hpp"
#include "harness/workloads/ledger.hpp"
#include "harness/workloads/timetable.hpp"
#include "impls/lib/address.hpp"
#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

// What all the clients of a trial have in common.
struct ClientConfig {
  Cell cell;
  std::uint16_t trial = 0;            // by this number the backend knows whose queries they are
  std::uint64_t seed = 0;             // of what clients draw at random
  double burn_iterations_per_us = 0;  // of this machine, where there is CPU time to burn
  double planted_ns = 0;              // of CPU burnt for each reply, beyond the cell's work_us
  bool check_every_byte = false;      // verification; else a client looks at parts of a reply
  bool single_bytes = false;          // let the backend reply byte by byte
  Timetable* timetable = nullptr;  // open loop: when queries begin; null: when the last has ended
};

struct TrialContext {
  const ClientConfig& config;
  Ledger& ledger;
  const Address& backend;         // of our own
  std::string_view endpoint{};    // of any, as its launcher gave it
  RunQueue* run_queue = nullptr;  // of the loop in which all clients are tasks; null: they are not
  bool is_loop = false;           // they are tasks of a loop, and not calls one after another
  bool clients_are_processes = false;  // that are forked later; else, without a loop, threads
  std::size_t batch = 1;  // the no-op: queries for each one that really goes to the backend

  // The same, to another server.
  TrialContext to(const Address& server) const {
    return {config, ledger, server, endpoint, run_queue, is_loop, clients_are_processes, batch};
  }
};

}  // namespace waitbench
