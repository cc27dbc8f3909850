// The values of axes that are no numbers, each with the name that it has on the command line and in
// results.
#pragma once

#include <cstddef>

#include "harness/workloads/arrivals.hpp"
#include "harness/workloads/axis.hpp"

namespace waitbench {

enum class Transport { tcp, unix };
inline constexpr Choice<Transport> transport_names[] = {{"tcp", Transport::tcp},
                                                        {"unix", Transport::unix}};

// How clients come by connections. Called kept, fresh, or pool:K for a pool of K.
struct Connections {
  static const Connections kept;   // one connection for each client, opened once
  static const Connections fresh;  // connect, ask, close, for every query
  // So many, opened once, which all clients share.
  static constexpr Connections pool(std::size_t size) { return {.pool_size = size}; }

  bool is_pool() const { return pool_size > 0; }
  bool operator==(const Connections&) const = default;

  bool is_fresh = false;
  std::size_t pool_size = 0;
};
inline constexpr Connections Connections::kept{};
inline constexpr Connections Connections::fresh{.is_fresh = true};
inline constexpr Choice<Connections> connections_names[] = {{"kept", Connections::kept},
                                                            {"fresh", Connections::fresh}};

// When a query is bound to a connection of a pool.
enum class Dispatch {
  least_loaded,  // when it is issued, to the one with the fewest queries
  first_free,    // when one is idle: first come, first served
  random         // when it is issued, to any
};
inline constexpr Choice<Dispatch> dispatch_names[] = {{"least-loaded", Dispatch::least_loaded},
                                                      {"first-free", Dispatch::first_free},
                                                      {"random", Dispatch::random}};

// Of the lock that all clients share.
enum class LockUse {
  none,
  shared  // held while a client works for its reply
};
inline constexpr Choice<LockUse> lock_names[] = {{"none", LockUse::none},
                                                 {"shared", LockUse::shared}};

enum class DelayShape { exponential, constant, uniform };
inline constexpr Choice<DelayShape> delay_shape_names[] = {{"exponential", DelayShape::exponential},
                                                           {"constant", DelayShape::constant},
                                                           {"uniform", DelayShape::uniform}};

enum class Framing { length, chunked };
inline constexpr Choice<Framing> framing_names[] = {{"length", Framing::length},
                                                    {"chunked", Framing::chunked}};

enum class PostgresClientKind { libpq, wire };
inline constexpr Choice<PostgresClientKind> postgres_client_names[] = {
    {"libpq", PostgresClientKind::libpq}, {"wire", PostgresClientKind::wire}};

inline constexpr Choice<Arrivals> arrivals_names[] = {
    {"constant", Arrivals::constant}, {"poisson", Arrivals::poisson}, {"onoff", Arrivals::onoff}};

}  // namespace waitbench
