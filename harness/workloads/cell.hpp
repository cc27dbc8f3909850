// A cell: one point in the space of the workload's axes, and the same for every model measured in
// it. To add an axis, add a member to Cell and a row to the table below it: options, results, names
// and combinations of cells are all made from the row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tuple>

#include "harness/workloads/arrivals.hpp"
#include "harness/workloads/axis.hpp"
#include "harness/workloads/choices.hpp"
#include "harness/workloads/offload.hpp"

namespace waitbench {

inline constexpr std::size_t most_connections = 10'000'000;
inline constexpr std::size_t most_helpers = 1000;  // of any kind: calls, loops, workers
// Queries under way on one connection. Their answers have to fit into the buffers of its socket,
// since a client that sends does not read meanwhile; and each is a segment or a datagram of its
// own, of which a Unix socket takes some 270.
inline constexpr std::size_t most_pipelined = 100;
inline constexpr std::uint32_t most_reply_bytes = 8U << 20;
inline constexpr double longest_delay_us = 60e6;
inline constexpr std::uint32_t longest_deadline_us = 60'000'000;
inline constexpr double most_work_us = 1e6;
inline constexpr double highest_rate_qps = 1e6;

struct Cell {
  std::string_view workload = "delay";  // the name of one of workloads()
  Transport transport = Transport::tcp;
  std::size_t in_flight = 64;  // clients, each with one query at a time
  double delay_us = 1000;      // the mean of the backend's delay
  DelayShape delay_shape = DelayShape::exponential;
  std::uint32_t reply_bytes = 256;                        // of payload; the header comes on top
  Framing framing = Framing::length;                      // how an HTTP reply says where it ends
  PostgresClientKind client = PostgresClientKind::libpq;  // who speaks to a database
  double work_us = 0;                                     // CPU time burnt for each reply
  double block_us = 0;                  // how long a call blocks that is made after each reply
  Offload offload = Offload::in_place;  // where it is made
  std::size_t callers = 0;              // clients that make it; 0: all
  Connections connections = Connections::kept;
  Dispatch dispatch = Dispatch::least_loaded;  // of a pool of connections
  std::size_t pipeline = 1;  // queries under way on one connection, one behind the other
  std::size_t fan_out = 1;   // queries that one task asks at once, and awaits
  std::size_t limit = 0;     // of clients that may ask at once, by a semaphore; 0: all may
  LockUse lock = LockUse::none;
  std::uint32_t deadline_us = 0;          // after which a query is cancelled; 0: never
  std::size_t idle = 0;                   // further connections, watched and quiet
  std::size_t depth = 1;                  // helper calls through which each step is performed
  std::size_t loops = 1;                  // event loops that share the conversations
  std::size_t workers = 4;                // of thread-pool and process-pool
  double rate_qps = 0;                    // open loop: queries offered per second; 0: closed loop
  Arrivals arrivals = Arrivals::poisson;  // open loop

  bool is_open_loop() const { return rate_qps > 0; }
  // So many queries, or some more: no task's queries are cut in two.
  std::size_t whole_fan_outs(std::size_t queries) const {
    return (queries + fan_out - 1) / fan_out * fan_out;
  }
  // How many of the model's conversations ask: one for each client, or for all clients that share a
  // connection by pipelining.
  std::size_t conversations() const { return in_flight / pipeline; }
  // How many connections clients have at once.
  std::size_t client_connections() const {
    return connections.is_pool() ? std::min(connections.pool_size, in_flight) : conversations();
  }
  bool makes_calls_outside() const { return block_us > 0 && !offload.is_inline(); }
  std::size_t number_of_callers() const { return callers == 0 ? in_flight : callers; }
  // How many queries are in flight at least when all replies are withheld, where that is not as
  // many as can be: there may be connections of a pool to which none is bound. 0: that many.
  std::size_t fewest_in_flight() const {
    return connections.is_pool() && dispatch == Dispatch::random ? 1 : 0;
  }
  // How many queries can be at the backend at once, and how many of them it answers at once: those
  // of one connection one after the other.
  std::size_t most_in_flight() const { return most_answered_at_once() * pipeline; }
  std::size_t most_answered_at_once() const {
    return limit == 0 ? client_connections() : std::min(limit, client_connections());
  }
  bool clients_wait_for_each_other() const {
    return connections.is_pool() || limit > 0 || lock != LockUse::none;
  }
  bool operator==(const Cell&) const = default;
};

// In the order in which they stand in the names of cells.
inline constexpr std::tuple axes = {
    Axis<std::string_view>{.name = "backend",
                           .flag = "--workload",
                           .member = &Cell::workload,
                           .values = {},
                           .help = "what clients and backend say to each other; default: delay"},
    Axis<Transport>{.name = "transport",
                    .flag = "--transport",
                    .member = &Cell::transport,
                    .values = transport_names,
                    .help = "how the backend is reached",
                    .in_name = InName::value},
    Axis<Connections>{.name = "connections",
                      .flag = "--connections",
                      .member = &Cell::connections,
                      .values = connections_names,
                      .help = "one for each client, one for each query, or K that clients share",
                      .in_name = InName::value},
    Axis<Dispatch>{.name = "dispatch",
                   .flag = "--dispatch",
                   .member = &Cell::dispatch,
                   .values = dispatch_names,
                   .help = "which connection of a pool a query gets; default: least-loaded",
                   .concerns = Concerns::pool,
                   .in_name = InName::value},
    Axis<std::size_t>{.name = "in_flight",
                      .flag = "--in-flight",
                      .member = &Cell::in_flight,
                      .values = {1, most_connections},
                      .help = "queries at once, e.g. 1,64,1000",
                      .in_name = InName::always},
    Axis<double>{.name = "delay_us",
                 .flag = "--delay-us",
                 .member = &Cell::delay_us,
                 .values = {0, longest_delay_us},
                 .help = "mean delay of the backend; 0 saturates",
                 .concerns = Concerns::workload,
                 .in_name = InName::always},
    Axis<DelayShape>{.name = "delay_shape",
                     .flag = "--delay-shape",
                     .member = &Cell::delay_shape,
                     .values = delay_shape_names,
                     .help = "how the delay varies",
                     .concerns = Concerns::workload},
    Axis<std::uint32_t>{.name = "reply_bytes",
                        .flag = "--reply-bytes",
                        .member = &Cell::reply_bytes,
                        .values = {0, most_reply_bytes},
                        .help = "payload of a reply",
                        .concerns = Concerns::workload},
    Axis<Framing>{.name = "framing",
                  .flag = "--framing",
                  .member = &Cell::framing,
                  .values = framing_names,
                  .help = "how an HTTP reply says where it ends",
                  .concerns = Concerns::workload},
    Axis<PostgresClientKind>{.name = "client",
                             .flag = "--client",
                             .member = &Cell::client,
                             .values = postgres_client_names,
                             .help = "who speaks to a database: libpq, or its protocol by hand",
                             .concerns = Concerns::workload},
    Axis<std::size_t>{.name = "pipeline",
                      .flag = "--pipeline",
                      .member = &Cell::pipeline,
                      .values = {1, most_pipelined},
                      .help = "queries under way on each connection, one behind the other",
                      .concerns = Concerns::workload},
    Axis<double>{.name = "work_us",
                 .flag = "--work-us",
                 .member = &Cell::work_us,
                 .values = {0, most_work_us},
                 .help = "CPU time burnt for each reply"},
    Axis<double>{.name = "block_us",
                 .flag = "--block-us",
                 .member = &Cell::block_us,
                 .values = {0, most_work_us},
                 .help = "a call after each reply, which blocks for so long",
                 .concerns = Concerns::workload},
    Axis<Offload>{.name = "offload",
                  .flag = "--offload",
                  .member = &Cell::offload,
                  .values = offload_names,
                  .help = "where that call is made; default: inline",
                  .concerns = Concerns::call,
                  .in_name = InName::value},
    Axis<std::size_t>{.name = "callers",
                      .flag = "--callers",
                      .member = &Cell::callers,
                      .values = {0, most_connections},
                      .help = "clients that make it; 0: all",
                      .concerns = Concerns::call},
    Axis<std::size_t>{.name = "fan_out",
                      .flag = "--fan-out",
                      .member = &Cell::fan_out,
                      .values = {1, most_connections},
                      .help = "queries that a task asks at once: it goes on when all have come",
                      .concerns = Concerns::workload},
    Axis<std::size_t>{.name = "limit",
                      .flag = "--limit",
                      .member = &Cell::limit,
                      .values = {0, most_connections},
                      .help = "clients that may ask at once, by a semaphore; 0: all",
                      .concerns = Concerns::workload},
    Axis<LockUse>{.name = "lock",
                  .flag = "--lock",
                  .member = &Cell::lock,
                  .values = lock_names,
                  .help = "a lock that all clients share, held while one works for its reply",
                  .concerns = Concerns::workload},
    Axis<std::uint32_t>{.name = "deadline_us",
                        .flag = "--deadline-us",
                        .member = &Cell::deadline_us,
                        .values = {0, longest_deadline_us},
                        .help = "after which a query is cancelled, and asked anew; 0: never",
                        .concerns = Concerns::workload},
    Axis<std::size_t>{.name = "idle",
                      .flag = "--idle",
                      .member = &Cell::idle,
                      .values = {0, most_connections},
                      .help = "further connections, watched and quiet"},
    Axis<std::size_t>{.name = "depth",
                      .flag = "--depth",
                      .member = &Cell::depth,
                      .values = {1, most_helpers},
                      .help = "helper calls through which steps go"},
    Axis<std::size_t>{.name = "loops",
                      .flag = "--loops",
                      .member = &Cell::loops,
                      .values = {1, most_helpers},
                      .help = "event loops of a model"},
    Axis<std::size_t>{.name = "workers",
                      .flag = "--workers",
                      .member = &Cell::workers,
                      .values = {1, most_helpers},
                      .help = "of thread-pool and process-pool"},
    Axis<double>{.name = "rate_qps",
                 .flag = nullptr,  // --rate may also be the word "sweep": see run_options.cpp
                 .member = &Cell::rate_qps,
                 .values = {0, highest_rate_qps},
                 .help = nullptr,
                 .concerns = Concerns::open_loop,
                 .in_name = InName::always},
    Axis<Arrivals>{.name = "arrivals",
                   .flag = "--arrivals",
                   .member = &Cell::arrivals,
                   .values = arrivals_names,
                   .help = "of --rate; default: poisson",
                   .concerns = Concerns::open_loop,
                   .in_name = InName::always},
};

// Calls `action` with each row of the table, in its order.
template <class Action>
constexpr void for_each_axis(Action action) {
  std::apply([&](const auto&... axis) { (action(axis), ...); }, axes);
}

// Whether an axis says anything about that cell: one of that name, which concerns that.
bool concerns(Concerns what, std::string_view axis, const Cell& cell);

// As in a results file: each axis a field, by its name; null where it does not concern the cell.
// from_json() throws std::invalid_argument for a name that there is not, and else what
// nlohmann::json throws.
void to_json(nlohmann::json& json, const Cell& cell);
void from_json(const nlohmann::json& json, Cell& cell);

// "tcp/kept/in_flight:64/delay_us:2000", with the further axes where they are not the default: the
// part of a benchmark's name that tells cells apart.
std::string cell_name(const Cell& cell);

}  // namespace waitbench
