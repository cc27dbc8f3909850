// How trials that ask an nginx are held. The harness hands out the queries of a turn in a timetable
// that it shares with the trial. A client that finds none rests: nginx passes its request on to our
// own server behind it, whose gate withholds the reply until the next turn. So a trial is held when
// that gate has as many rests as the trial can have queries in flight; and how many requests nginx
// has really read in a turn, it says itself.
#pragma once

#include <memory>

#include "harness/backend/conductor.hpp"
#include "harness/backend/launch.hpp"

namespace waitbench {

// Throws std::runtime_error when nginx or the gate does not answer within `patience_ns`,
// std::system_error when nobody listens, std::invalid_argument when the endpoint is none.
std::unique_ptr<Conductor> connect_to_nginx(const Backend& backend, std::int64_t patience_ns);

}  // namespace waitbench
