// What a run records of a backend on another machine: how far away it is, whose clock it reads, and
// what it says of its machine.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace waitbench {

// {"endpoint", "round_trip_us": {"median", "least", "most", "count"}, "shares_clock", "version",
// "commit", "cpus", "host": {...}, "doctor": [...]}: as in a results file. Round trips are those of
// orders to the gate, on a connection of their own. Of what the backend says only that is taken
// which is of the form that it should have; what is not known is null. Throws
// std::invalid_argument, with what is wrong and what would be right, unless a backend of this
// release answers there by the deadline (CLOCK_MONOTONIC).
nlohmann::json describe_backend(const std::string& endpoint, std::int64_t deadline_ns);

}  // namespace waitbench
