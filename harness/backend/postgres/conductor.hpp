// How trials that ask a PostgreSQL server are held. The harness hands out the queries of a turn in
// a timetable that it shares with the trial. A client that finds none rests: it asks for a lock
// that the harness has, and the server answers when the harness begins the next turn. So a trial is
// held when the server itself has as many clients waiting for that lock as the trial can have
// queries in flight; and how many queries the server has really carried out, it counts by the index
// of the trial's own table.
#pragma once

#include <memory>

#include "harness/backend/conductor.hpp"
#include "harness/backend/launch.hpp"

namespace waitbench {

// Throws std::runtime_error when the server does not answer within `patience_ns`.
std::unique_ptr<Conductor> connect_to_postgres(const Backend& backend, std::int64_t patience_ns);

}  // namespace waitbench
