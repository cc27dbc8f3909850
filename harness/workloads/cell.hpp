// A cell: one point in the space of the workload's axes, and the same for every model measured in
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/workloads/arrivals.hpp"

namespace waitbench {

enum class Transport { tcp, unix };
enum class DelayShape { exponential, constant, uniform };
enum class Connections {
  kept,  // one connection for each client, opened once
  fresh  // connect, ask, close, for every query
};

struct Cell {
  Transport transport = Transport::tcp;
  std::size_t in_flight = 64;  // clients, each with one query at a time
  double delay_us = 1000;      // the mean of the backend's delay
  DelayShape delay_shape = DelayShape::exponential;
  std::uint32_t reply_bytes = 256;  // of payload; the header comes on top
  double work_us = 0;               // CPU time burnt for each reply
  Connections connections = Connections::kept;
  std::size_t idle = 0;                   // further connections, watched and quiet
  std::size_t depth = 1;                  // helper calls through which each step is performed
  std::size_t loops = 1;                  // event loops that share the conversations
  std::size_t workers = 4;                // of a pool
  double rate_qps = 0;                    // open loop: queries offered per second; 0: closed loop
  Arrivals arrivals = Arrivals::poisson;  // open loop

  bool is_open_loop() const { return rate_qps > 0; }
  bool operator==(const Cell&) const = default;
};

// As in a results file: each axis a field, by its name.
void to_json(nlohmann::json& json, const Cell& cell);
void from_json(const nlohmann::json& json, Cell& cell);

// "tcp/kept/in_flight:64/delay_us:2000", with the further axes where they are not the default: the
// part of a benchmark's name that tells cells apart.
std::string cell_name(const Cell& cell);

}  // namespace waitbench
